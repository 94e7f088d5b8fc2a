import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FunctionTally } from './function-tally.ts';
import { prepareGuests } from './start-guest.ts';

const CACHE_DIR = join(import.meta.dirname, '../ci/cache');

test('the tracer of a kernel tells which functions of overlayfs ran', async () => {
  const functions = new FunctionTally();
  const wish = { kernel: '6.12', backend: 'qemu', cacheDir: CACHE_DIR };
  const { start } = await prepareGuests({ ...wish, functions });
  {
    await using guest = await start(AbortSignal.timeout(120_000));
    await guest.kernel.run({
      ...{ base: 'tmpfs', options: '' },
      layers: [
        { role: 'upper', entries: [] },
        { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
      ],
      steps: [{ op: 'rename', args: { from: 'a', to: 'b', flags: [] } }],
    });
  }
  const { offered, ran } = functions.record();
  expect(offered.length).toBeGreaterThan(200);
  expect(ran).toEqual(expect.arrayContaining(['ovl_rename', 'ovl_copy_up_flags', 'ovl_lookup']));
  expect(ran).not.toContain('ovl_symlink');
});

test('a kernel that is not ours gets no probes', async () => {
  const functions = new FunctionTally();
  const wish = { kernel: 'host', backend: 'namespace', cacheDir: CACHE_DIR };
  await expect(prepareGuests({ ...wish, functions })).rejects.toThrow('use --backend qemu');
});
