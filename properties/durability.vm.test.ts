import { expect, test } from 'vitest';
import { CACHE_DIR } from '../harness/cli/context.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import type { ObservedNode, ObservedTrace } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { isZeros } from '../model/zeros.ts';
import { crashDifferences } from './durability.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

const VOLATILE = `${DEFAULT_OPTIONS},volatile`;
/** Copy-up, then a crash that all names survive, and data that was not synced does not. */
const COPY_UP: Pick<Scenario, 'base' | 'layers' | 'steps'> = {
  base: 'ext4',
  layers: [
    { role: 'upper', entries: [] },
    {
      role: 'lower',
      entries: [{ path: 'a', type: 'file', pieces: [{ at: 0, text: 'hello' }] }],
    },
  ],
  steps: [
    { op: 'chmod', args: { path: 'a', mode: 0o700 } },
    { op: 'crash', args: { journal: 'flushed' } },
  ],
};

/** The upper file as it was seen last. */
function upperFile(observed: ObservedTrace): ObservedNode | undefined {
  const seen = observed.map(({ base }) => base?.get('u/a')).filter((node) => node !== undefined);
  const last = seen.at(-1);
  return last?.kind === 'node' ? last : undefined;
}

test('copy-up syncs the data, and on a volatile mount it does not', async () => {
  const source = await prepareGuests({
    kernel: 'host',
    backend: 'namespace',
    cacheDir: CACHE_DIR,
    bases: ['ext4'],
  });
  await using guest = await source.start(new AbortController().signal);
  const safe: Scenario = { ...COPY_UP, options: DEFAULT_OPTIONS };
  const seen = await guest.kernel.run(safe);
  expect(upperFile(seen)?.content.bytes()).toBe('hello');
  expect(crashDifferences(safe, seen, { isVolatile: false })).toEqual([]);

  const unsafe: Scenario = { ...COPY_UP, options: VOLATILE };
  const lost = await guest.kernel.run(unsafe);
  expect(isZeros(upperFile(lost)?.content.bytes() ?? 'no file')).toBe(true);
  expect(crashDifferences(unsafe, lost, { isVolatile: true })).toEqual([]);
  const [difference] = crashDifferences(unsafe, lost, { isVolatile: false });
  expect(difference).toMatchObject({ predicted: 'success', observed: 'EINVAL' });
});
