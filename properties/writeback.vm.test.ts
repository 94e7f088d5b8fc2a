import { expect, test } from 'vitest';
import { CACHE_DIR } from '../harness/cli/context.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import { ANY_OPTIONS } from './options.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { writeback } from './writeback.ts';

/** A virtual machine that is emulated takes its time. */
const SCENARIOS = 10;

test.each([
  ['6.1', 'ext4', DEFAULT_OPTIONS],
  ['6.18', 'ext4', ANY_OPTIONS],
  ['7.3', 'xfs', DEFAULT_OPTIONS],
])('on %s who has files on %s open is told of lost data as predicted, with %s', async (...row) => {
  const [kernel, base, options] = row;
  const source = await prepareGuests({
    ...{ kernel, backend: 'qemu', cacheDir: CACHE_DIR, bases: [base === 'xfs' ? 'xfs' : 'ext4'] },
    failing: true,
  });
  await using guest = await source.start(new AbortController().signal);
  let mounted = 0;
  for (let index = 0; index < SCENARIOS; index++) {
    const wishes = { options, base, stepCount: 30, release: kernel };
    const scenario = writeback.scenarioAt(20_260, index, wishes);
    const { differences, observed } = await writeback.check(scenario, guest.kernel);
    expect(differences, `scenario ${index}`).toEqual([]);
    const isMounted = observed[0]?.result.ok === true;
    expect(observed.length).toBe(isMounted ? scenario.steps.length + 3 : 1);
    mounted += isMounted ? 1 : 0;
  }
  expect(mounted).toBeGreaterThan(SCENARIOS / 2);
});
