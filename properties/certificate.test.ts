import { expect, test } from 'vitest';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { certificateDiffText, diffCertificates } from './certificate-diff.ts';
import { certificateText } from './certificate-text.ts';
import { certify, outcomeNumbers } from './certificate.ts';
import { MOUNTS } from './option-product.ts';

const [OLD, NEW] = ['6.12.107', '6.18.44'].map((release) => {
  return certify({ release, environment: USUAL_ENVIRONMENT });
}) as [ReturnType<typeof certify>, ReturnType<typeof certify>]; // Two releases make two.

test('a certificate has an outcome for each mount', () => {
  const numbers = outcomeNumbers(NEW);
  expect(numbers).toHaveLength(MOUNTS);
  expect(Math.max(...new Set(numbers))).toBe(NEW.outcomes.length - 1);
  expect(outcomeNumbers({ mounts: JSON.parse(JSON.stringify(NEW.mounts)) })).toEqual(numbers);
});

test('its text counts what is accepted, and lists what the kernel changes silently', () => {
  const text = certificateText(NEW);
  expect(text).toContain('216000 mounts, 112800 accepted, 103200 refused');
  expect(text).toContain('without upper: nfs_export=on became off  (no upper: nfs_export=on)');
  expect(text).toContain('redirect_dir became nofollow  (userxattr)');
});

test('two kernels differ by the shortest mounts that show it', () => {
  expect(diffCertificates(NEW, NEW)).toEqual([]);
  const [first] = diffCertificates(OLD, NEW);
  expect(first?.what).toBe('EINVAL -> accepted');
  expect(first?.minimal).toContain('metacopy=off,verity=on');
  expect(first?.minimal).not.toContain('metacopy=off,verity=on,volatile');
  expect(certificateDiffText(OLD, NEW)).toContain('metacopy: on -> off');
});
