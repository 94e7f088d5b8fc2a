import { expect, test } from 'vitest';
import { CACHE_DIR } from '../harness/cli/context.ts';
import { prepareGuests } from '../harness/start-guest.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { writeback } from './writeback.ts';

/** A virtual machine that is emulated takes its time. */
const SCENARIOS = 10;

test.each([
  ['6.1', 'ext4'],
  ['7.3', 'xfs'],
])('on %s who has files on %s open is told of lost data as predicted', async (kernel, base) => {
  const source = await prepareGuests({
    ...{ kernel, backend: 'qemu', cacheDir: CACHE_DIR, bases: [base === 'xfs' ? 'xfs' : 'ext4'] },
    failing: true,
  });
  await using guest = await source.start(new AbortController().signal);
  for (let index = 0; index < SCENARIOS; index++) {
    const wishes = { options: DEFAULT_OPTIONS, base, stepCount: 30 };
    const scenario = writeback.scenarioAt(20_260, index, wishes);
    const { differences, observed } = await writeback.check(scenario, guest.kernel);
    expect(differences, `scenario ${index}`).toEqual([]);
    expect(observed.length).toBe(scenario.steps.length + 3);
  }
});
