import { expect, test } from 'vitest';
import { CACHE_DIR } from '../harness/cli/context.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import { BASE_TYPES } from '../model/bases.ts';
import { mountDefaults } from './mount-defaults.ts';
import { ANY_BASE } from './bases.ts';
import { mountOptions } from './mount-options.ts';
import { mountOptionsOn } from './option-file-systems.ts';
import { mountUserns } from './mount-userns.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

const WISHES = { options: DEFAULT_OPTIONS, stepCount: 0 };

const ON_ANY_BASE = mountOptionsOn(mountOptions, ANY_BASE);

/** Every n-th mount: a prime number, so that every value of every option is met. */
const CASES = [
  [mountOptions, 'host', 'namespace', 7],
  [mountOptions, '5.10', 'qemu', 97],
  [mountOptions, '6.1', 'qemu', 97],
  [mountOptions, '6.12', 'qemu', 97],
  [mountOptions, '7.2', 'qemu', 97],
  [mountOptions, '7.3', 'qemu', 97],
  [mountDefaults, '6.1', 'qemu', 199],
  [ON_ANY_BASE, 'host', 'namespace', 1999],
  [ON_ANY_BASE, '6.12', 'qemu', 9973],
  [mountUserns, 'host', 'namespace', 499],
  [mountUserns, '6.12', 'qemu', 997],
] as const;

const NAMED = CASES.map(([property, ...where]) => [property.name, ...where, property] as const);

test.concurrent.each(NAMED)(
  '%s holds on kernel %s (%s)',
  async (_, kernel, backend, stride, property) => {
    const list = property.list ?? { count: 0, together: 1, check: () => Promise.resolve([]) };
    const source = await prepareGuests({
      kernel,
      backend,
      cacheDir: CACHE_DIR,
      bases: BASE_TYPES,
    });
    await using guest = await source.start(new AbortController().signal);
    const indexes = Array.from(
      { length: Math.floor(list.count / stride) },
      (_, turn) => turn * stride,
    );
    for (let from = 0; from < indexes.length; from += list.together) {
      const scenarios = indexes
        .slice(from, from + list.together)
        .map((index) => property.scenarioAt(0, index, WISHES));
      const checked = await list.check(scenarios, guest.kernel);
      expect(checked).toHaveLength(scenarios.length);
      expect(checked.flatMap(({ differences }) => differences)).toEqual([]);
    }
  },
);

test('parameters of a kernel that is not ours are not written', async () => {
  const source = await prepareGuests({
    kernel: 'host',
    backend: 'namespace',
    cacheDir: CACHE_DIR,
  });
  await using guest = await source.start(new AbortController().signal);
  const scenario = mountDefaults.scenarioAt(0, 0, WISHES);
  await expect(mountDefaults.check(scenario, guest.kernel)).rejects.toThrow(/VM of our own/);
});
