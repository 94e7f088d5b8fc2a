import { expect, test } from 'vitest';
import { findingText } from '../harness/report/text.ts';
import { OPS } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { lockstep } from './lockstep.ts';
import { modelKernel } from './model-kernel.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { signatureOf } from './property.ts';
import type { Checked } from './property.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { shrink } from './shrink.ts';

const RELEASE = '6.12.0';
const SEED = 1;
const SCENARIOS_MAX = 3000;
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };
const LIMITS = { evaluationsMax: 5000, inFlight: 1 };

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
  const found = await firstDiffering((scenario) => lockstep.check(scenario, kernel));
  const signature = signatureOf(found.scenario, found.checked.differences);
  const shrunk = await shrink(
    found.scenario,
    async (candidate) => {
      const { differences } = await lockstep.check(candidate, kernel);
      return signatureOf(candidate, differences) === signature;
    },
    LIMITS,
  );
  expect(shrunk.isMinimal).toBe(true);
  expect(shrunk.scenario.steps.length).toBeLessThanOrEqual(bug.stepsMax);
  const checked = await lockstep.check(shrunk.scenario, kernel);
  const rules = checked.predicted[checked.differences[0]?.step ?? 0]?.rules ?? [];
  const report = findingText({
    ...{ kind: 'difference', cause: String(signature), rule: rules[0] ?? null, rules },
    ...{ scenario: shrunk.scenario, isMinimal: true, checked, log: null },
    ...{ reproduced: { times: 5, of: 5 }, seed: SEED, index: found.index },
    ...{ release: RELEASE, backend: 'model' },
  });
  await expect(`${bug.says}\n\n${report}`).toMatchFileSnapshot(`../fixtures/reports/${name}.txt`);
});

/** The first scenario of the seed that differs. */
async function firstDiffering(check: (scenario: Scenario) => Promise<Checked>): Promise<{
  readonly index: number;
  readonly scenario: Scenario;
  readonly checked: Checked;
}> {
  for (let index = 0; index < SCENARIOS_MAX; index++) {
    const scenario = lockstep.scenarioAt(SEED, index, WISHES);
    const checked = await check(scenario);
    if (checked.differences.length > 0) return { index, scenario, checked };
  }
  throw new Error(`not found in ${SCENARIOS_MAX} scenarios`);
}
