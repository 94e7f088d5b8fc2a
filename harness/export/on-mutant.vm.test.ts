import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Scenario } from '../../model/scenario.ts';
import { CACHE_DIR } from '../cli/context.ts';
import { MUTANT_DEFAULTS } from '../cli/mutants.ts';
import { resolveKernel } from '../kernels/resolve.ts';
import { prepareBuilder } from '../mutants/build.ts';
import { chooseMutants, readMutants } from '../mutants/record.ts';
import { moduleSource } from '../mutants/source.ts';
import { runChecked } from '../process.ts';
import { makeScratchFolder } from '../scratch.ts';
import { exportC } from './c.ts';
import { exportFstests, goldenOutput } from './fstests.ts';
import { reproducerOf } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { exportSh } from './sh.ts';
import { runInGuest } from './shell-guest.ts';
import type { GuestCommand } from './shell-guest.ts';

const ID = 'copy-up-mtime-is-now';
const CASE = '900';

/** What other machines than ours must not be told. */
const BY_PARAMETERS = { options: '', parameters: { index: true } } as const;
const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file', pieces: [{ at: 0, text: 'x' }] }] },
  ],
  options: 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off',
  steps: [{ op: 'chmod', args: { path: 'a', mode: 0o600 } }],
};

test('each format tells a kernel with a bug from one without', async () => {
  const { kernel, records } = MUTANT_DEFAULTS;
  const image = await resolveKernel(kernel, { cacheDir: CACHE_DIR });
  const builder = await prepareBuilder(
    await moduleSource(image, { cacheDir: CACHE_DIR }),
    CACHE_DIR,
  );
  const [mutant] = chooseMutants(readMutants(records), [ID]);
  if (mutant === undefined) throw new Error(`no mutant ${ID}`);
  const built = await builder.build(mutant);
  const reproducer = reproducerOf(SCENARIO, image.release);
  const byParameters = reproducerOf({ ...SCENARIO, ...BY_PARAMETERS }, image.release);
  const commands = [...(await inAllFormats(reproducer)), await inC(byParameters)];
  const statusesWith = async (path: string): Promise<readonly number[]> => {
    const results = await runInGuest(image, new Map([['overlay', path]]), commands);
    return results.map(({ exitCode }) => exitCode);
  };
  const [unmodified, mutated] = await Promise.all(
    [builder.unmodified, built].map(({ path }) => statusesWith(path)),
  );
  expect(unmodified).toEqual([0, 0, 0, 0]);
  expect(mutated).toEqual([1, 1, 1, 1]);
});

async function inAllFormats(reproducer: Reproducer): Promise<readonly GuestCommand[]> {
  const suite = readFileSync(join(import.meta.dirname, 'suite-stand-in.sh'));
  const asCase = {
    suite,
    [CASE]: exportFstests(reproducer, CASE),
    [`${CASE}.out`]: goldenOutput(reproducer, CASE),
  };
  return [
    await inC(reproducer),
    { files: { 'repro.sh': exportSh(reproducer) }, command: './repro.sh' },
    { files: asCase, command: `./suite ${CASE} tmpfs` },
  ];
}

async function inC(reproducer: Reproducer): Promise<GuestCommand> {
  return { files: { repro: await compiled(exportC(reproducer)) }, command: './repro' };
}

/** A program that needs no libraries. */
async function compiled(text: string): Promise<Buffer> {
  await using scratch = await makeScratchFolder();
  const path = join(scratch.path, 'repro');
  writeFileSync(`${path}.c`, text);
  await runChecked('cc', ['-static', '-Wall', '-Werror', '-o', path, `${path}.c`]);
  return readFileSync(path);
}
