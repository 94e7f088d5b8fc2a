import { expect, test } from 'vitest';
import type { Difference, StepPrediction, Tree } from '../model/observation.ts';
import { succeed } from '../model/prediction.ts';
import type { Scenario } from '../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { runCampaign } from './campaign.ts';
import type { CampaignEnd } from './campaign.ts';
import type { CampaignPlan, Finding, Subject } from './campaign-plan.ts';
import { Tally } from './campaign-tally.ts';
import type { KnownDisagreement } from './known-disagreement.ts';
import { HarnessError } from './errors.ts';
import type { Guest, GuestExit } from './campaign-guest.ts';

const PLAN: CampaignPlan = {
  property: 'toy',
  seed: 1,
  options: '',
  base: 'tmpfs',
  stepCount: 10,
  scenariosMax: 100,
  timeMs: null,
  listed: null,
  jobs: 2,
  inFlight: 3,
  shard: { index: 0, of: 1 },
  findingsMax: 10,
  confirmations: 5,
  shrinkEvaluationsMax: 100,
  explainProbesMax: 0,
  exitWaitMs: 20,
};

/** What a toy kernel does with a scenario, which is known by its number of steps. */
type Deed =
  'agrees' | 'differs' | 'dies' | 'panics' | 'warns' | 'leaks' | 'is silent' | 'is garbled';
type Behaviour = (index: number, runs: number) => Deed;

interface Outcome {
  readonly end: CampaignEnd;
  readonly tally: Tally;
  readonly machines: number;
  readonly alive: number;
  readonly reported: readonly Finding[];
  readonly notes: readonly string[];
}

const steps = (count: number): Scenario['steps'] =>
  new Array<Scenario['steps'][number]>(count).fill({ op: 'rmdir', args: { path: 'a' } });
const scenarioOf = (index: number): Scenario => ({
  ...{ base: 'tmpfs', layers: [], options: '', steps: steps(index + 1) },
});
const DIFFERENCE: Difference = {
  ...{ step: 1, at: 'result', field: 'result errno', predicted: 'EPERM', observed: 'EIO' },
};

const NOWHERE: Tree = new Map();
const PREDICTED: StepPrediction = {
  ...{ result: succeed(null), base: NOWHERE, merged: NOWHERE },
  rules: ['rmdir/merged-must-be-empty'],
};

const PANIC: GuestExit = { reason: 'panic', report: 'Kernel panic - not syncing: toy\n...' };

const SUBJECT: Subject = {
  scenarioAt: scenarioOf,
  signatureOf: (_, differences) => (differences.length > 0 ? 'rmdir result errno' : null),
  isAlike: () => true,
  harmOf: () => 'of some kind',
  shrink: async (scenario, shows) => ({
    scenario: (await shows(scenarioOf(0))) ? scenarioOf(0) : scenario,
    isMinimal: true,
  }),
  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const predicted = [PREDICTED, PREDICTED];
    return { differences: observed.length > 0 ? [DIFFERENCE] : [], predicted, observed };
  },
};

interface ToyOptions {
  readonly plan?: Partial<CampaignPlan>;
  readonly known?: readonly KnownDisagreement[];
  readonly subject?: Subject;
  readonly tally?: Tally;
  readonly signal?: AbortSignal;
  readonly startFails?: boolean;
  readonly isShared?: boolean;
}

/** What a machine does whose module has not let go of all when it is taken out. */
function complain(exit: (exit: GuestExit) => void): Promise<never> {
  exit({ reason: 'warning', report: 'WARNING: objects remain' });
  return Promise.reject(new HarnessError('lost', 'channel closed'));
}

/** What is thrown at who waits for an answer. */
function failAs(deed: Deed): void {
  if (deed === 'is silent') throw new HarnessError('timeout', 'no answer');
  if (deed === 'is garbled') throw new HarnessError('wrong-protocol', 'not what was asked');
  if (deed === 'panics') throw new HarnessError('lost', 'channel closed', { cause: PANIC });
  if (deed === 'dies') throw new HarnessError('lost', 'channel closed');
}

/** A campaign on toy machines; what they do depends on the scenario and how often it ran. */
async function play(behaviour: Behaviour, options: ToyOptions = {}): Promise<Outcome> {
  const plan = { ...PLAN, ...options.plan };
  const tally = options.tally ?? new Tally(plan.shard);
  const runs = new Map<number, number>();
  const reported: Finding[] = [];
  const notes: string[] = [];
  let machines = 0;
  let alive = 0;
  const start = async (): Promise<Guest> => {
    await Promise.resolve();
    if (options.startFails === true) throw new HarnessError('boot-timeout', 'no hello');
    machines++;
    alive++;
    let exit: (exit: GuestExit) => void = () => undefined;
    const exited = new Promise<GuestExit>((resolve) => {
      exit = resolve;
    });
    let hasLeak = false;
    const run = async (scenario: Scenario): ReturnType<Guest['kernel']['run']> => {
      await new Promise(setImmediate);
      const index = scenario.steps.length - 1;
      const count = (runs.get(index) ?? 0) + 1;
      runs.set(index, count);
      const deed = behaviour(index, count);
      if (deed === 'panics') exit(PANIC);
      if (deed === 'warns') exit({ reason: 'warning', report: 'WARNING: toy' });
      if (deed === 'leaks') hasLeak = true;
      if (deed === 'dies') exit({ reason: 'lost', detail: 'gone' });
      failAs(deed);
      // The toy subject takes any observation for a difference.
      return deed === 'differs'
        ? ([{}] as unknown as Awaited<ReturnType<Guest['kernel']['run']>>)
        : [];
    };
    return {
      kernel: {
        release: '6.12.7',
        environment: USUAL_ENVIRONMENT,
        run,
        runPlain: () => Promise.resolve([]),
        mountEach: () => Promise.resolve([]),
      },
      ...({ backend: 'toy', how: 'cold', bootMs: 1, setUpMs: 0 } as const),
      isShared: options.isShared === true,
      unload: () => (hasLeak ? complain(exit) : Promise.resolve()),
      exited,
      [Symbol.asyncDispose]: () => {
        alive--;
        exit({ reason: 'disposed' });
        return Promise.resolve();
      },
    };
  };
  const watcher = {
    started: () => undefined,
    progress: () => undefined,
    note: (text: string) => notes.push(text),
    finding: (finding: Finding) => {
      reported.push(finding);
      return Promise.resolve();
    },
  };
  const end = await runCampaign({
    ...{ plan, start, known: options.known ?? [], tally, watcher },
    subject: options.subject ?? SUBJECT,
    signal: options.signal ?? new AbortController().signal,
  });
  return { end, tally, machines, alive, reported, notes };
}

test('a kernel that agrees holds, and every scenario is counted once', async () => {
  const { end, tally, machines, alive } = await play(() => 'agrees');
  expect(end).toMatchObject({ verdict: 'holds', findings: [], release: '6.12.7', trouble: null });
  expect(tally.scenarios).toBe(100);
  expect(tally.record()).toMatchObject({ doneBelow: 100, beyond: [] });
  expect(machines).toBe(PLAN.jobs);
  expect(alive).toBe(0);
});

test('a difference is run again on fresh machines, shrunk, and reported once', async () => {
  const { end, machines, tally, alive, reported } = await play((index) =>
    index % 7 === 0 ? 'differs' : 'agrees',
  );
  expect(end.verdict).toBe('differs');
  expect(reported).toHaveLength(1);
  expect(reported[0]).toMatchObject({
    ...{ kind: 'difference', reproduced: { times: 5, of: 5 }, isMinimal: true },
    scenario: { steps: [{ op: 'rmdir' }] },
  });
  // Two jobs, five confirmations, one to shrink on.
  expect(machines).toBe(8);
  expect(tally.record().causes).toEqual({ 'rmdir result errno [rmdir/merged-must-be-empty]': 15 });
  expect(tally.scenarios).toBe(100);
  expect(alive).toBe(0);
});

test('what does not differ each time is flaky, has its rate and is not shrunk', async () => {
  const { end, reported } = await play((index, runs) =>
    index === 9 && runs % 2 === 1 ? 'differs' : 'agrees',
  );
  expect(end.verdict).toBe('differs');
  expect(reported).toMatchObject([{ kind: 'flaky', reproduced: { times: 2, of: 5 }, index: 9 }]);
  expect(reported[0]!.scenario.steps).toHaveLength(10);
});

test('what never differs again is reported, and the verdict is inconclusive', async () => {
  const { end, reported } = await play((index, runs) =>
    index === 9 && runs === 1 ? 'differs' : 'agrees',
  );
  expect(end.verdict).toBe('inconclusive');
  expect(reported).toMatchObject([{ kind: 'flaky', reproduced: { times: 0, of: 5 } }]);
});

test('a panic is a finding with its log and its scenario, and the campaign goes on', async () => {
  const { end, reported, tally, alive } = await play((index) =>
    index === 40 || index === 60 ? 'panics' : 'agrees',
  );
  expect(end.verdict).toBe('kernel-finding');
  expect(reported).toMatchObject([
    { kind: 'panic', index: 40, log: expect.stringContaining('not syncing') },
  ]);
  // All but the two that kill the machine each time.
  expect(tally.scenarios).toBe(98);
  expect(alive).toBe(0);
});

test('a warning is a finding although the machine still answers', async () => {
  const { end, reported } = await play((index) => (index === 40 ? 'warns' : 'agrees'));
  expect(end.verdict).toBe('kernel-finding');
  expect(reported).toMatchObject([{ kind: 'warning', index: 40, reproduced: { times: 1 } }]);
});

test('what shows when the module is taken out is a finding, with whom to blame', async () => {
  const { end, reported, tally, alive } = await play((index) =>
    index === 41 ? 'leaks' : 'agrees',
  );
  expect(end.verdict).toBe('kernel-finding');
  expect(reported).toMatchObject([{ kind: 'warning', index: 41, reproduced: { times: 1, of: 1 } }]);
  expect(tally.scenarios).toBe(100);
  expect(alive).toBe(0);
});

test('a machine that is lost once is replaced; its scenarios run again', async () => {
  const { end, tally } = await play((index, runs) =>
    index === 50 && runs === 1 ? 'dies' : 'agrees',
  );
  expect(end).toMatchObject({ verdict: 'holds', findings: [] });
  expect(tally.scenarios).toBe(100);
});

test.each([
  ['dies', 'lost', 'channel closed\ngone'],
  ['is silent', 'hung', 'no answer'],
] as const)(
  'a scenario that %s each time is a finding, and the campaign goes on',
  async (...row) => {
    const [deed, kind, log] = row;
    const { end, reported, tally, alive } = await play((index) => (index === 50 ? deed : 'agrees'));
    expect(end).toMatchObject({ verdict: 'kernel-finding', trouble: null });
    expect(reported).toMatchObject([{ kind, log, index: 50, reproduced: { times: 2, of: 2 } }]);
    expect(tally.scenarios).toBe(99);
    expect(alive).toBe(0);
  },
);

test('each of two scenarios that were lost with one machine is a finding', async () => {
  const deeds = new Map<number, Deed>([
    [48, 'dies'],
    [50, 'is silent'],
  ]);
  const { end, reported } = await play((index) => deeds.get(index) ?? 'agrees', {
    plan: { jobs: 1 },
  });
  expect(end).toMatchObject({ verdict: 'kernel-finding', trouble: null });
  expect(reported).toMatchObject([
    { kind: 'lost', index: 48 },
    { kind: 'hung', index: 50 },
  ]);
});

test('a scenario without a machine to lose ends our executor, which is no finding', async () => {
  const { end, reported } = await play((index) => (index === 50 ? 'dies' : 'agrees'), {
    isShared: true,
  });
  expect(end).toMatchObject({ verdict: 'inconclusive', trouble: { reason: 'lost' } });
  expect(reported).toEqual([]);
});

test.each<readonly [Deed, Deed]>([
  ['dies', 'is silent'],
  ['is silent', 'dies'],
  ['is garbled', 'is garbled'],
])('a scenario that first %s and then %s is no finding', async (first, second) => {
  // It does the first among others, and then alone.
  const { end, reported } = await play((index, runs) => {
    if (index !== 50) return 'agrees';
    return runs <= 2 ? first : second;
  });
  expect(end).toMatchObject({ verdict: 'inconclusive', findings: [] });
  expect(reported).toEqual([]);
});

test('trouble of our own that stays ends the campaign as inconclusive', async () => {
  const { end: never } = await play(() => 'agrees', { startFails: true });
  expect(never).toMatchObject({ verdict: 'inconclusive', trouble: { message: 'no hello' } });
});

test('a campaign that compared nothing does not hold', async () => {
  const { end } = await play(() => 'agrees', { plan: { scenariosMax: 0 } });
  expect(end).toMatchObject({
    verdict: 'inconclusive',
    trouble: { message: 'nothing was compared' },
  });
});

test('a known disagreement is named and is not a failure', async () => {
  const known: KnownDisagreement = {
    ...{ file: 'rmdir.json', scenario: scenarioOf(0), kernels: ['6.12'], reason: 'asked upstream' },
    ...{ property: 'toy', rule: 'rmdir/merged-must-be-empty', differs: ['result'] },
  };
  const behaviour: Behaviour = (index) => (index % 10 === 0 ? 'differs' : 'agrees');
  const { end, notes, tally } = await play(behaviour, { known: [known] });
  expect(end).toMatchObject({ verdict: 'holds', findings: [] });
  expect(notes).toEqual(['known on 6.12.7: rmdir.json: asked upstream']);
  expect(tally.known).toBe(10);
  const other = await play(behaviour, { known: [{ ...known, kernels: ['6.1'] }] });
  expect(other.end.verdict).toBe('differs');
});

test('no answer is known where a known step is to blame, and a finding elsewhere', async () => {
  const known: KnownDisagreement = {
    ...{ file: 'rmdir.json', scenario: scenarioOf(0), kernels: ['6.12'], reason: 'asked upstream' },
    ...{ property: 'toy', rule: 'rmdir/merged-must-be-empty', differs: ['no answer'] },
  };
  // The rule predicts the first step of each.
  const entries = [{ path: 'a/b', type: 'dir' }] as const;
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries },
  ] as const;
  const scenarioAt: Subject['scenarioAt'] = (index) => ({ ...scenarioOf(index), layers });
  const subject = { ...SUBJECT, scenarioAt };
  const behaviour: Behaviour = (index) => (index === 0 ? 'is silent' : 'agrees');
  const { end, notes, tally, alive } = await play(behaviour, { subject, known: [known] });
  expect(end).toMatchObject({ verdict: 'holds', findings: [], trouble: null });
  expect(notes).toEqual(['known on 6.12.7: rmdir.json: asked upstream']);
  expect(tally.record()).toMatchObject({ scenarios: 100, known: 1, doneBelow: 100 });
  expect(alive).toBe(0);
  const later: Behaviour = (index) => (index === 1 ? 'is silent' : 'agrees');
  for (const unknown of [
    await play(behaviour, { subject }),
    await play(later, { subject, known: [known] }),
  ]) {
    expect(unknown.end).toMatchObject({ verdict: 'kernel-finding', findings: [{ kind: 'hung' }] });
    expect(unknown.tally.known).toBe(0);
  }
});

test('a panic that is known is no finding, even if it comes late', async () => {
  const known: KnownDisagreement = {
    ...{ file: 'rmdir.json', scenario: scenarioOf(0), kernels: ['6.12'], reason: 'asked upstream' },
    ...{ property: 'toy', rule: 'rmdir/merged-must-be-empty', differs: ['panic'] },
  };
  // The rule predicts the first step of one alone.
  const scenarioAt: Subject['scenarioAt'] = (index) => {
    const entries = index === 0 ? [{ path: 'a/b', type: 'dir' } as const] : [];
    const layers = [{ role: 'upper', entries: [] } as const, { role: 'lower', entries } as const];
    return { ...scenarioOf(index), layers };
  };
  const subject = { ...SUBJECT, scenarioAt };
  const plan = { jobs: 1, inFlight: 1 };
  const always: Behaviour = (index) => (index === 0 ? 'panics' : 'agrees');
  const unanswered = await play(always, { subject, plan, known: [known] });
  expect(unanswered.end).toMatchObject({ verdict: 'holds', findings: [], trouble: null });
  expect(unanswered.tally.record()).toMatchObject({ scenarios: 100, known: 1, doneBelow: 100 });
  expect((await play(always, { subject, plan })).end.verdict).toBe('kernel-finding');
  // The machine that scenario 0 was on breaks when it runs the next one.
  const late: Behaviour = (index, runs) =>
    (index === 0 && runs > 1) || (index === 1 && runs === 1) ? 'panics' : 'agrees';
  const answered = await play(late, { subject, plan, known: [known] });
  expect(answered.end).toMatchObject({ verdict: 'holds', findings: [], trouble: null });
  expect(answered.tally.record()).toMatchObject({ scenarios: 100, known: 0, doneBelow: 100 });
});

test('what shrinks to a known disagreement keeps what is new in it', async () => {
  const known: KnownDisagreement = {
    ...{ file: 'rmdir.json', scenario: scenarioOf(0), kernels: ['6.12'], reason: 'asked upstream' },
    ...{ property: 'toy', rule: 'rmdir/merged-must-be-empty', differs: ['result'] },
  };
  const subject: Subject = {
    ...SUBJECT,
    async check(scenario, kernel) {
      const { differences, ...rest } = await SUBJECT.check(scenario, kernel);
      const more = scenario.steps.length > 1 ? [{ ...DIFFERENCE, at: 'merged a' }] : [];
      return { ...rest, differences: differences.length > 0 ? [...differences, ...more] : [] };
    },
  };
  const behaviour: Behaviour = (index) => (index === 0 || index === 20 ? 'differs' : 'agrees');
  const { reported } = await play(behaviour, { known: [known], subject });
  expect(reported.map(({ scenario }) => scenario.steps.length)).toEqual([21]);
});

/** What is seen of files in a usual state and, with an even number of steps, in a rare one. */
const OF_STATES: Subject = {
  ...SUBJECT,
  harmOf: (differences) => differences.map(({ at }) => at).join(),
  async check(scenario, kernel) {
    const checked = await SUBJECT.check(scenario, kernel);
    const isRare = scenario.steps.length % 2 === 0;
    const state = isRare ? 'handle/of-lower-metacopy' : 'handle/of-metacopy';
    const predicted: StepPrediction = { ...PREDICTED, rules: [...PREDICTED.rules, state] };
    return { ...checked, predicted: [predicted, predicted] };
  },
};

test('what differs of an object in a rare state does not shrink to a usual one', async () => {
  // The shrinker tries a single step, which is the usual state.
  const behaviour: Behaviour = (index) => (index % 10 < 4 || index === 0 ? 'differs' : 'agrees');
  const { reported, tally } = await play(behaviour, { subject: OF_STATES });
  const found = reported.map(({ cause, scenario }) => [cause, scenario.steps.length % 2]);
  expect(found).toEqual([
    ['rmdir result errno [handle/of-metacopy]', 1],
    ['rmdir result errno [handle/of-lower-metacopy]', 0],
  ]);
  expect([...tally.causes.values()]).toEqual([20, 20]);
});

test('what becomes of an object in a rare state is one cause for all calls', async () => {
  const behaviour: Behaviour = (index) => (index % 10 === 1 ? 'differs' : 'agrees');
  const signatureOf: Subject['signatureOf'] = ({ steps }, differences) =>
    differences.length > 0 ? `call ${steps.length} shows it` : null;
  const alike = { ...OF_STATES, signatureOf, isAlike: () => false };
  const one = await play(behaviour, { subject: alike });
  expect(one.reported).toHaveLength(1);
  // A call that fails is a cause of its own.
  const several = await play(behaviour, { subject: { ...alike, harmOf: () => null } });
  expect(several.reported).toHaveLength(10);
});

test('what no machine shows while it shrinks is not called minimal', async () => {
  const behaviour: Behaviour = (index, runs) =>
    index === 9 && runs <= 1 + PLAN.confirmations ? 'differs' : 'agrees';
  const { reported } = await play(behaviour);
  expect(reported).toMatchObject([{ kind: 'difference', index: 9, isMinimal: false }]);
});

test('a campaign goes on where it was killed, and shards share its scenarios', async () => {
  const seen: number[] = [];
  const watch: Behaviour = (index) => {
    seen.push(index);
    return 'agrees';
  };
  const shard = { index: 1, of: 3 };
  const { tally } = await play(watch, { plan: { scenariosMax: 10, shard } });
  const resumed = new Tally(shard, JSON.parse(JSON.stringify(tally.record())));
  await play(watch, { plan: { scenariosMax: 20, shard }, tally: resumed });
  expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => 1 + 3 * at));
  expect(resumed.scenarios).toBe(20);
});

test('an interrupted campaign stops its machines and says so', async () => {
  const abort = new AbortController();
  const { end, alive } = await play(
    (index) => {
      if (index === 30) abort.abort();
      return 'agrees';
    },
    { signal: abort.signal },
  );
  expect(end.isInterrupted).toBe(true);
  expect(alive).toBe(0);
});

test('when the boot took all the time, something is compared all the same', async () => {
  const { end, tally, alive } = await play(() => 'agrees', {
    plan: { ...PLAN, scenariosMax: null, timeMs: 0 },
  });
  expect(end).toMatchObject({ verdict: 'holds', trouble: null });
  expect(tally.scenarios).toBeGreaterThan(0);
  expect(tally.scenarios).toBeLessThan(100);
  expect(alive).toBe(0);
});
