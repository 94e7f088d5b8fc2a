import { expect, test } from 'vitest';
import { CACHE_DIR } from '../harness/cli/context.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import { mountOptions } from './mount-options.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

const LIST = mountOptions.list ?? { count: 0, together: 1, check: () => Promise.resolve([]) };
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 0 };

/** Every n-th mount: a prime number, so that every value of every option is met. */
const CASES = [
  ['host', 'namespace', 7],
  ['5.10', 'qemu', 97],
  ['6.1', 'qemu', 97],
  ['6.12', 'qemu', 97],
  ['7.2', 'qemu', 97],
  ['7.3', 'qemu', 97],
] as const;

test.each(CASES)('kernel %s mounts as predicted (%s)', async (kernel, backend, stride) => {
  const source = await prepareGuests({
    kernel,
    backend,
    modulesDir: undefined,
    mirror: undefined,
    coldBoot: false,
    cacheDir: CACHE_DIR,
  });
  await using guest = await source.start(new AbortController().signal);
  const indexes = Array.from(
    { length: Math.floor(LIST.count / stride) },
    (_, turn) => turn * stride,
  );
  for (let from = 0; from < indexes.length; from += LIST.together) {
    const scenarios = indexes
      .slice(from, from + LIST.together)
      .map((index) => mountOptions.scenarioAt(0, index, WISHES));
    const checked = await LIST.check(scenarios, guest.kernel);
    expect(checked).toHaveLength(scenarios.length);
    expect(checked.flatMap(({ differences }) => differences)).toEqual([]);
  }
});
