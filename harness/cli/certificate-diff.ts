import { existsSync } from 'node:fs';
import { certify } from '../../properties/certificate.ts';
import type { Certificate } from '../../properties/certificate.ts';
import { certificateDiffText, diffCertificates } from '../../properties/certificate-diff.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { keptCertificate, readCertificate } from './certificates.ts';
import { CACHE_DIR, EXIT } from './context.ts';

interface Side {
  readonly certificate: Certificate;
  readonly origin: string;
}

/** What two kernels make of the same mount options. Like diff(1), 1 means that they differ. */
export function certificateDiff(from: string, to: string, cacheDir = CACHE_DIR): number {
  const sides = [sideOf(from, cacheDir), sideOf(to, cacheDir)] as const;
  const [a, b] = [sides[0].certificate, sides[1].certificate];
  for (const { origin } of sides) process.stdout.write(`${origin}\n`);
  process.stdout.write(`${certificateDiffText(a, b)}\n`);
  return diffCertificates(a, b).length > 0 ? EXIT.differs : EXIT.holds;
}

/**
 * A file is what its kernel did. So is a version, where a kernel of it was gone through here; else
 * it is what the model says of it, which is said.
 */
function sideOf(what: string, cacheDir: string): Side {
  if (existsSync(what) || !/^\d+\.\d+/.test(what)) {
    const certificate = readCertificate(what);
    return { certificate, origin: `${what}: observed on linux ${certificate.release}` };
  }
  const kept = keptCertificate(cacheDir, what);
  if (kept !== null) {
    return { certificate: kept, origin: `${what}: observed on linux ${kept.release}` };
  }
  const certificate = certify({ release: what, environment: USUAL_ENVIRONMENT });
  const who = `the model speaks for it (${certificate.profile})`;
  const how = `ovlcheck run --property mount-options --kernel ${what}`;
  return {
    certificate,
    origin: `${what}: not observed here, ${who}; ${how} observes`,
  };
}
