import { expect, test } from 'vitest';
import { compare } from '../model/compare.ts';
import type { NfsVersion } from '../model/flags.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import { CACHE_DIR } from './cli/context.ts';
import { prepareGuests } from './start-guest.ts';

/** A client writes to a file that is copied up and renamed behind it, and replaced. */
function scenarioWith(version: NfsVersion): Scenario {
  const file = { outside: 0 } as const;
  return {
    base: 'tmpfs',
    layers: [
      { role: 'upper', entries: [] },
      { role: 'lower', entries: [{ path: 'a', type: 'file', pieces: [{ at: 0, text: 'old' }] }] },
    ],
    options: 'redirect_dir=on,index=on,metacopy=off,nfs_export=on,xino=off',
    steps: [
      { op: 'nfsMount', args: { version } },
      { op: 'outsideOpen', args: { ...file, place: 'nfs', path: 'a', access: 'rw' } },
      { op: 'chmod', args: { path: 'a', mode: 0o600 } },
      { op: 'rename', args: { from: 'a', to: 'b', flags: [] } },
      { op: 'outsideWrite', args: { ...file, bytes: 'new', offset: 0 } },
      { op: 'unlink', args: { path: 'b' } },
      { op: 'open', args: { slot: 0, path: 'b', flags: ['O_RDWR', 'O_CREAT'], mode: 0o644 } },
      { op: 'outsideWrite', args: { ...file, bytes: 'lost?', offset: 0 } },
      { op: 'outsideClose', args: file },
    ],
  };
}

test('an overlay is served by NFS, and files that a client has open stay its files', async () => {
  const source = await prepareGuests({
    ...{ kernel: '6.12', backend: 'qemu', cacheDir: CACHE_DIR, nfs: true },
  });
  await using guest = await source.start(new AbortController().signal);
  const { kernel } = guest;
  for (const version of ['nfs3', 'nfs40', 'nfs42'] as const) {
    const scenario = scenarioWith(version);
    const extended = withEpilogue(scenario);
    const observed = await kernel.run(scenario);
    const predicted = simulate(extended, profileOfRelease(kernel.release), kernel.environment);
    expect(compare(predicted, observed, extended), version).toEqual([]);
    expect(observed[8]?.result.ok, version).toBe(version !== 'nfs3');
    expect(observed).toHaveLength(scenario.steps.length + 3);
  }
});
