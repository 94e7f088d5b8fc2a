import { expect, test } from 'vitest';
import type { ObservedTrace } from '../model/observation.ts';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { lockstep } from '../properties/lockstep.ts';
import { modelKernel } from '../properties/model-kernel.ts';
import { FIXTURES_DIR } from './cli/context.ts';
import { readDisagreements } from './cli/report-dir.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { knownDisagreement } from './known-disagreement.ts';
import { checkEntry, knownLoss, losesMachine, refuseToLose } from './lost-machine.ts';

const LOST = readDisagreements(FIXTURES_DIR).filter(losesMachine);
const ENTRY = LOST.find(({ differs }) => differs.every((at) => at === 'no answer'));
const PANIC = LOST.find(({ differs }) => differs.includes('panic'));
if (ENTRY === undefined || PANIC === undefined) throw new Error('no entry that loses its machine');
const { scenario: SCENARIO, property } = ENTRY;
const KERNEL = modelKernel('6.1.192');
const LAW = { property, check: lockstep.check.bind(lockstep) };

/** A kernel that answers what has fewer steps than a number, and otherwise does something else. */
function silentFrom(count: number, otherwise: () => Promise<ObservedTrace>): Kernel {
  const run: Kernel['run'] = (scenario) =>
    scenario.steps.length < count ? KERNEL.run(scenario) : otherwise();
  return { ...KERNEL, run };
}

const never = (): Promise<never> => new Promise(() => undefined);
const breaks = (): Promise<never> => Promise.reject(new HarnessError('lost', 'channel closed'));
const isGivenUp = (): Promise<never> => Promise.reject(new HarnessError('timeout', 'no answer'));

async function explained(kernel: Kernel): Promise<boolean> {
  const checked = await checkEntry(LAW.check, ENTRY!, kernel);
  return knownDisagreement([ENTRY!], { property, scenario: SCENARIO, kernel, checked }) === ENTRY;
}

test('no answer to the last step, after one to all before, is a place that differs', async () => {
  expect(await explained(silentFrom(2, never))).toBe(true);
  const checked = await checkEntry(LAW.check, ENTRY, silentFrom(2, isGivenUp));
  expect(checked.differences).toMatchObject([{ step: 2, at: 'no answer' }]);
});

test('a kernel that answers as it should does not do that any more', async () => {
  expect((await checkEntry(LAW.check, ENTRY, KERNEL)).differences).toEqual([]);
  expect(await explained(KERNEL)).toBe(false);
});

test('what goes wrong before the step is not what is known', async () => {
  const wrong = async (): Promise<ObservedTrace> => {
    return (await KERNEL.run({ ...SCENARIO, steps: [] })).slice(0, 1);
  };
  expect(await explained(silentFrom(1, wrong))).toBe(false);
  await expect(explained(silentFrom(1, isGivenUp))).rejects.toThrow('no answer');
});

test('a machine that breaks is none that gives no answer', async () => {
  await expect(explained(silentFrom(2, breaks))).rejects.toThrow('channel closed');
});

test('a panic is one where the machine says so', async () => {
  const { scenario } = PANIC;
  const old = modelKernel('5.10.262');
  const isLast = ({ steps }: Scenario): boolean => steps.length === scenario.steps.length;
  const ended = (cause: unknown): Kernel => {
    const lost = new HarnessError('lost', 'channel closed', { cause });
    return { ...old, run: (some) => (isLast(some) ? Promise.reject(lost) : old.run(some)) };
  };
  const kernel = ended({ reason: 'panic', report: 'BUG: toy' });
  const checked = await checkEntry(LAW.check, PANIC, kernel);
  expect(checked.differences).toMatchObject([{ step: scenario.steps.length, at: 'panic' }]);
  const seen = { property, scenario, kernel, checked };
  expect(knownDisagreement([ENTRY, PANIC], seen)).toBe(PANIC);
  expect((await knownLoss(LOST, LAW, scenario, kernel))?.checked).toEqual(checked);
  // A warning ends machines of ours, too, and is another thing.
  const warned = ended({ reason: 'warning', report: 'WARNING: toy' });
  expect((await checkEntry(LAW.check, PANIC, warned)).differences).toMatchObject([
    { at: 'warning' },
  ]);
  expect(await knownLoss(LOST, LAW, scenario, warned)).toBeNull();
  for (const other of [ended(undefined), ended({ reason: 'hung', report: 'INFO: toy' })]) {
    await expect(checkEntry(LAW.check, PANIC, other)).rejects.toThrow('channel closed');
  }
});

test('a scenario of a campaign is cut off where no answer comes', async () => {
  const more: Step = { op: 'dropCaches', args: {} };
  const long: Scenario = { ...SCENARIO, steps: [more, ...SCENARIO.steps, more, more] };
  const cut = await knownLoss([ENTRY], LAW, long, silentFrom(3, isGivenUp));
  expect(cut?.scenario.steps).toEqual([more, ...SCENARIO.steps]);
  expect(cut?.checked.predicted).toHaveLength(4);
});

test('what gives no answer for another reason is not known', async () => {
  const silent = silentFrom(2, isGivenUp);
  const [first] = SCENARIO.steps;
  const other: Scenario = { ...SCENARIO, steps: [first!, first!] };
  expect(await knownLoss([ENTRY], LAW, other, silent)).toBeNull();
  const onOther = { ...silent, release: '6.12.7' };
  expect(await knownLoss([ENTRY], LAW, SCENARIO, onOther)).toBeNull();
  expect(await knownLoss([ENTRY], { ...LAW, property: 'twin' }, SCENARIO, silent)).toBeNull();
  // The step itself is answered: whatever comes after it is to blame.
  const later: Scenario = { ...SCENARIO, steps: [...SCENARIO.steps, first!] };
  expect(await knownLoss([ENTRY], LAW, later, silentFrom(3, isGivenUp))).toBeNull();
});

test('only a machine of our own may be lost', () => {
  const refuses = (scenario: Scenario, kernel: Kernel): (() => void) => {
    return () => {
      refuseToLose(scenario, kernel);
    };
  };
  expect(refuses(SCENARIO, KERNEL)).toThrow('in a VM of our own');
  expect(refuses({ ...SCENARIO, steps: SCENARIO.steps.slice(0, 1) }, KERNEL)).not.toThrow();
  const { scenario } = PANIC;
  const old = modelKernel('5.10.262');
  expect(refuses(scenario, old)).toThrow('in a VM of our own');
  expect(refuses(scenario, KERNEL)).not.toThrow();
  // All data is on one file system.
  const onOne = {
    ...scenario,
    otherBases: [],
    layers: scenario.layers.map(({ on, ...rest }) => rest),
  };
  expect(refuses(onOne, old)).not.toThrow();
});
