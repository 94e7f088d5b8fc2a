import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { verityDigest } from './fs-verity.ts';
import { sha256 } from './sha256.ts';

test.each([0, 1, 55, 56, 63, 64, 119, 120, 4096])('sha256 of %d bytes', (length) => {
  const bytes = Array.from({ length }, (_, at) => String.fromCharCode((at * 7) % 256)).join('');
  const expected = createHash('sha256').update(bytes, 'latin1').digest().toString('latin1');
  expect(sha256(bytes)).toBe(expected);
});

test('a digest is that of a descriptor, whatever file it is of', () => {
  const digests = ['', 'x', 'x\0', 'x'.repeat(5000)].map(verityDigest);
  expect(new Set(digests).size).toBe(4);
  // As the kernel told it of an empty file.
  const empty = '3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95';
  expect(Buffer.from(digests[0] ?? '', 'latin1').toString('hex')).toBe(empty);
});
