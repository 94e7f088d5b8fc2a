import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { certify } from '../../properties/certificate.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { makeScratchFolder } from '../scratch.ts';
import { keepCertificate, keptCertificate } from './certificates.ts';

test('a version finds what was observed on the newest kernel of it, and nothing else', async () => {
  await using folder = await makeScratchFolder();
  expect(keptCertificate(folder.path, '6.12')).toBeNull();
  for (const release of ['6.12.9', '6.12.107+deb13', '6.1.192']) {
    const document = certify({ release, environment: USUAL_ENVIRONMENT });
    keepCertificate(folder.path, release, document);
  }
  expect(keptCertificate(folder.path, '6.12')?.release).toBe('6.12.107+deb13');
  expect(keptCertificate(folder.path, '6.1')?.release).toBe('6.1.192');
  expect(keptCertificate(folder.path, '6')).not.toBeNull();
  expect(keptCertificate(folder.path, '6.18')).toBeNull();
});

test('one of other mounts than there are now is none', async () => {
  await using folder = await makeScratchFolder();
  const document = certify({ release: '6.18.44', environment: USUAL_ENVIRONMENT });
  keepCertificate(folder.path, '6.18.44', document);
  const file = join(folder.path, 'certificates', '6.18.44.json');
  writeFileSync(file, JSON.stringify({ ...document, mounts: [[0, 1]] }));
  expect(keptCertificate(folder.path, '6.18')).toBeNull();
});
