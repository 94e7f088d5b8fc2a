import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Certificate } from '../../properties/certificate.ts';
import { MOUNTS } from '../../properties/option-product.ts';
import { HarnessError } from '../errors.ts';
import { makeFolder, writeWhole } from './report-dir.ts';

const FOLDER = 'certificates';

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

/** Keeps what a kernel does for whoever asks by its version. */
export function keepCertificate(cacheDir: string, release: string, document: unknown): void {
  const folder = join(cacheDir, FOLDER);
  makeFolder(folder);
  writeWhole(join(folder, `${release}.json`), `${JSON.stringify(document)}\n`);
}

/** The certificate of a kernel of this version that was gone through here, if there is one. */
export function keptCertificate(cacheDir: string, version: string): Certificate | null {
  const folder = join(cacheDir, FOLDER);
  const isOf = (name: string): boolean => {
    return name.startsWith(version) && !/^\d/.test(name.slice(version.length));
  };
  const names = listNames(folder).filter(isOf);
  const newest = names.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) return null;
  try {
    return readCertificate(join(folder, newest));
  } catch (error) {
    // One of another time is of other mounts.
    if (error instanceof HarnessError) return null;
    throw error;
  }
}

export function readCertificate(file: string): Certificate {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new HarnessError('bad-input', `cannot read the certificate ${file}: ${why}`);
  }
  const result = v.safeParse(certificate, json);
  // An environment of another time may have had other settings; nothing is decided by them.
  if (result.success) return result.output as unknown as Certificate;
  throw new HarnessError('bad-input', `${file} is no certificate: ${result.issues[0].message}`);
}

function listNames(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    return [];
  }
}
