import { expect, test } from 'vitest';
import { findingText } from '../harness/report/text.ts';
import type { Checked } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { ANY_BASE } from './bases.ts';
import { explain } from './explain.ts';
import { lockstep } from './lockstep.ts';
import { modelKernel } from './model-kernel.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { signatureOf } from './property.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { shrink } from './shrink.ts';

const RELEASE = '6.12.0';
const SEED = 1;
const SCENARIOS_MAX = 3000;
/** So many scenarios that show a bug are shrunk, until one is as short as can be. */
const SIGHTINGS = 6;
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };
const LIMITS = { evaluationsMax: 5000, inFlight: 1 };
const EXPLAIN_LIMITS = { probesMax: 1000, inFlight: 1, isOver: () => false };
const EXPLAINED_ON = { base: ANY_BASE, release: RELEASE };

test('a kernel that is the model shows no difference', async () => {
  const kernel = modelKernel(RELEASE, OPS);
  for (let index = 0; index < 300; index++) {
    const scenario = lockstep.scenarioAt(SEED, index, WISHES);
    const { differences } = await lockstep.check(scenario, kernel);
    expect(differences, `scenario ${index}`).toEqual([]);
  }
});

test.each(Object.entries(PLANTED_BUGS))('%s is found and shrinks small', async (name, bug) => {
  const kernel = modelKernel(RELEASE, bug.ops);
  const check = (scenario: Scenario): Promise<Checked> => lockstep.check(scenario, kernel);
  // A bug shows in several ways, of which one may need more steps than another.
  let shortest: Shrunk | null = null;
  for await (const sighting of differing(check)) {
    const shrunk = await shrinkSighting(sighting, check);
    expect(shrunk.isMinimal).toBe(true);
    const { length } = shrunk.scenario.steps;
    if (shortest === null || length < shortest.scenario.steps.length) shortest = shrunk;
    if (length <= bug.steps) break;
  }
  if (shortest === null) throw new Error(`not found in ${SCENARIOS_MAX} scenarios`);
  expect(shortest.scenario.steps).toHaveLength(bug.steps);
  const checked = await check(shortest.scenario);
  const { scenario } = shortest;
  const { differences } = checked;
  const differencesOf = async (other: Scenario) => (await check(other)).differences;
  const rules = checked.predicted[checked.differences[0]?.step ?? 0]?.rules ?? [];
  const report = findingText({
    ...{ kind: 'difference', cause: shortest.signature, rule: rules[0] ?? null, rules },
    ...{ scenario: shortest.scenario, isMinimal: true, checked, log: null },
    explanation: await explain(
      { scenario, differences },
      differencesOf,
      EXPLAIN_LIMITS,
      EXPLAINED_ON,
    ),
    ...{ reproduced: { times: 5, of: 5 }, seed: SEED, index: shortest.index },
    ...{ release: RELEASE, backend: 'model' },
  });
  await expect(`${bug.says}\n\n${report}`).toMatchFileSnapshot(`../fixtures/reports/${name}.txt`);
});

interface Sighting {
  readonly index: number;
  readonly scenario: Scenario;
  readonly signature: string;
}

interface Shrunk extends Sighting {
  readonly isMinimal: boolean;
}

/** The first scenarios of the seed that differ. */
async function* differing(
  check: (scenario: Scenario) => Promise<Checked>,
): AsyncGenerator<Sighting> {
  let count = 0;
  for (let index = 0; index < SCENARIOS_MAX && count < SIGHTINGS; index++) {
    const scenario = lockstep.scenarioAt(SEED, index, WISHES);
    const signature = signatureOf(scenario, (await check(scenario)).differences);
    if (signature === null) continue;
    count++;
    yield { index, scenario, signature };
  }
}

async function shrinkSighting(
  { index, scenario, signature }: Sighting,
  check: (scenario: Scenario) => Promise<Checked>,
): Promise<Shrunk> {
  const shows = async (candidate: Scenario): Promise<boolean> =>
    signatureOf(candidate, (await check(candidate)).differences) === signature;
  return { index, signature, ...(await shrink(scenario, shows, LIMITS)) };
}
