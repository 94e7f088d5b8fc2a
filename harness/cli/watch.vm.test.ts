import { spawn } from 'node:child_process';
import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { resolveKernel } from '../kernels/resolve.ts';
import { prepareBuilder } from '../mutants/build.ts';
import { chooseMutants, readMutants } from '../mutants/record.ts';
import { moduleSource } from '../mutants/source.ts';
import { makeScratchFolder } from '../scratch.ts';
import { CACHE_DIR, EXIT } from './context.ts';
import { MUTANT_DEFAULTS } from './mutants.ts';

const MAIN = join(import.meta.dirname, 'ovlcheck.ts');
const ID = 'copy-up-mtime-is-now';
const SCENARIO = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ],
  options: 'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off',
  steps: [{ op: 'chmod', args: { path: 'a', mode: 0o600 } }],
};

test('a counterexample is replayed when the module is built anew', async () => {
  const { kernel, records } = MUTANT_DEFAULTS;
  const image = await resolveKernel(kernel, { cacheDir: CACHE_DIR });
  const source = await moduleSource(image, { cacheDir: CACHE_DIR });
  const builder = await prepareBuilder(source, CACHE_DIR);
  const [mutant] = chooseMutants(readMutants(records), [ID]);
  if (mutant === undefined) throw new Error(`no mutant ${ID}`);
  const built = await builder.build(mutant);
  await using scratch = await makeScratchFolder();
  const [module, file] = [join(scratch.path, 'overlay.ko'), join(scratch.path, 'a.json')];
  writeFileSync(file, JSON.stringify(SCENARIO));
  copyFileSync(built.path, module);

  const args = ['replay', '--watch', '--kernel', kernel, '--module', module, file];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const lineWith = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done === true) throw new Error(`it ended without ${String(pattern)}`);
      if (pattern.test(value)) return value;
    }
  };
  try {
    expect(await lineWith(/^watching/)).toBe(`watching ${module}`);
    copyFileSync(builder.unmodified.path, `${module}.new`);
    renameSync(`${module}.new`, module);
    expect(await lineWith(/a\.json/)).toMatch(/a\.json: now holds \(/);
    copyFileSync(built.path, module);
    expect(await lineWith(/a\.json/)).toMatch(/now differs: step 1, .*mtime: model 10/);
    writeFileSync(module, 'no module');
    expect(await lineWith(/a\.json/)).toMatch(/cannot run: .* for no kernel/);
    child.kill('SIGINT');
    expect(await ended).toBe(EXIT.interrupted);
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
});
