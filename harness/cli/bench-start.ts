import { join } from 'node:path';
import * as v from 'valibot';
import type { BackendName } from '../backend.ts';
import { HarnessError } from '../errors.ts';
import { run } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';
import type { GuestWish } from '../start-guest.ts';

/** What one `run` told about its start, in milliseconds. */
const START = v.object({
  boot: v.object({
    how: v.picklist(['cold', 'snapshot']),
    bootMs: v.number(),
    kernelBootMs: v.nullable(v.number()),
  }),
  firstCheckedStepMs: v.number(),
});
export type Start = v.InferOutput<typeof START>;

export interface StartWish extends Pick<GuestWish, 'kernel' | 'modulesDir'> {
  readonly backend: BackendName;
}

const OVLCHECK = join(import.meta.dirname, 'ovlcheck.ts');
const TIMEOUT_MS = 120_000;

/**
 * Starts the command anew and has it check one scenario: a start counts from the first byte of our
 * own files that is read, and this process has read them all.
 */
export async function measureStart(
  { kernel, backend, modulesDir }: StartWish,
  { isCold }: { readonly isCold: boolean },
): Promise<Start> {
  await using scratch = await makeScratchFolder();
  const args = [
    ...[OVLCHECK, 'run', '--backend', backend],
    ...['--jobs', '1', '--scenarios', '1', '--seed', '1', '--json', '--report', scratch.path],
    ...(kernel === undefined ? [] : ['--kernel', kernel]),
    ...(modulesDir === undefined ? [] : ['--modules', modulesDir]),
    ...(isCold ? ['--cold-boot'] : []),
  ];
  const { stdout, stderr } = await run(process.execPath, args, { timeoutMs: TIMEOUT_MS });
  const said = v.safeParse(v.pipe(v.string(), v.parseJson(), START), stdout);
  if (said.success) return said.output;
  throw new HarnessError('trouble', `a start of run on ${backend} told nothing: ${stderr.trim()}`);
}
