import { existsSync, readFileSync } from 'node:fs';
import { certify } from '../../properties/certificate.ts';
import type { Certificate } from '../../properties/certificate.ts';
import { certificateDiffText, diffCertificates } from '../../properties/certificate-diff.ts';
import { MOUNTS } from '../../properties/option-product.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';
import { EXIT } from './context.ts';

/** What two kernels make of the same mount options. Like diff(1), 1 means that they differ. */
export function certificateDiff(from: string, to: string): number {
  const sides = [readCertificate(from), readCertificate(to)] as const;
  process.stdout.write(`${certificateDiffText(...sides)}\n`);
  return diffCertificates(...sides).length > 0 ? EXIT.differs : EXIT.holds;
}

const outcome = v.union([
  v.strictObject({ errno: v.string() }),
  v.strictObject({ config: v.record(v.string(), v.string()) }),
]);

const certificate = v.object({
  release: v.string(),
  profile: v.string(),
  environment: v.record(v.string(), v.boolean()),
  outcomes: v.array(outcome),
  mounts: v.pipe(
    v.array(v.tuple([v.number(), v.number()])),
    v.check(
      (mounts) => mounts.reduce((sum, [, count]) => sum + count, 0) === MOUNTS,
      'must be of the mounts that are gone through now: make it again',
    ),
  ),
});

/** From the file that a run wrote, or for a version what the model says of it. */
function readCertificate(what: string): Certificate {
  if (!existsSync(what) && /^\d+\.\d+/.test(what)) {
    return certify({ release: what, environment: USUAL_ENVIRONMENT });
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(what, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new HarnessError('bad-input', `cannot read the certificate ${what}: ${why}`);
  }
  const result = v.safeParse(certificate, json);
  // An environment of another time may have had other settings; nothing is decided by them.
  if (result.success) return result.output as unknown as Certificate;
  throw new HarnessError('bad-input', `${what} is no certificate: ${result.issues[0].message}`);
}
