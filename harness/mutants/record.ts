import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { HarnessError } from '../errors.ts';

/** One place to change: what stands there, and what comes instead. */
export interface Edit {
  /** Any white space matches any white space. */
  readonly find: string;
  readonly replace: string;
  readonly file?: string | undefined;
  /** Where to look; null for the whole file. */
  readonly function?: string | null | undefined;
  /** Of several matches this one is meant, counted from 0. */
  readonly nth?: number | undefined;
  /** So many matches there must be, and all are meant. */
  readonly count?: number | undefined;
  /** `find` is a regular expression, and `replace` may have `\1`. */
  readonly regex?: boolean | undefined;
}

/** A bug to put into the kernel's overlayfs on purpose. */
export interface Mutant {
  readonly id: string;
  readonly title: string;
  readonly class: string;
  readonly file: string;
  readonly function?: string | null | undefined;
  readonly edits: readonly Edit[];
  /** The series of kernels that it is written for. */
  readonly kernel: string;
  /** Why nobody could tell it from the unmodified kernel, where that is so. */
  readonly equivalent?: string | boolean | null | undefined;
}

/** A name below fs/overlayfs, and no way out. */
const fileName = v.pipe(v.string(), v.regex(/^[\w-]+\.[ch]$/, 'must be a file of fs/overlayfs'));
const functionName = v.nullish(v.pipe(v.string(), v.regex(/^\w+$/)));
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));

// Not strict: a record may say more than we ask, such as where a bug is from.
const EDIT = v.object({
  find: v.pipe(v.string(), v.nonEmpty()),
  replace: v.string(),
  file: v.optional(fileName),
  function: functionName,
  nth: v.optional(whole),
  count: v.optional(whole),
  regex: v.optional(v.boolean()),
});
const MUTANT = v.object({
  id: v.pipe(v.string(), v.regex(/^[\w.-]+$/, 'must be fit for a file name')),
  title: v.string(),
  class: v.string(),
  file: fileName,
  function: functionName,
  edits: v.pipe(v.array(EDIT), v.minLength(1)),
  kernel: v.pipe(v.string(), v.regex(/^\d+\.\d+/, 'must be a version')),
  equivalent: v.nullish(v.union([v.string(), v.boolean()])),
});

export function parseMutant(text: string, file: string): Mutant {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new HarnessError('bad-input', `${file} is no JSON`);
  }
  const parsed = v.safeParse(MUTANT, document);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const where = v.getDotPath(issue) ?? 'it';
  throw new HarnessError('bad-input', `${file}: ${where}: ${issue.message}`);
}

/** All records of a folder, by id. */
export function readMutants(folder: string): readonly Mutant[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  } catch {
    throw new HarnessError('bad-input', `${folder} is no folder of records`);
  }
  const mutants = names.map((name) => parseMutant(readFileSync(join(folder, name), 'utf8'), name));
  const ids = new Set<string>();
  for (const { id } of mutants) {
    if (ids.has(id)) throw new HarnessError('bad-input', `${folder} has two records ${id}`);
    ids.add(id);
  }
  return mutants.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** Those that were asked for; all when none were. */
export function chooseMutants(all: readonly Mutant[], ids: readonly string[]): readonly Mutant[] {
  if (ids.length === 0) return all;
  return ids.map((id) => {
    const found = all.find((mutant) => mutant.id === id);
    if (found === undefined) throw new HarnessError('bad-input', `no mutant ${id}`);
    return found;
  });
}

/** Whether a record says that nobody could tell it from the unmodified kernel. */
export function isEquivalent({ equivalent }: Mutant): boolean {
  return equivalent === true || (typeof equivalent === 'string' && equivalent !== '');
}
