import { expect, test } from 'vitest';
import { KERNELS } from '../model/semantics/kernels.ts';
import { resolveProfile } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { rulesOf } from '../model/rules-of.ts';
import type { RuleId } from '../model/rules.ts';
import { withEpilogue } from '../model/scenario.ts';
import { simulate } from '../model/simulate.ts';
import { DEFAULT_BASE } from './bases.ts';
import { DEFAULT_OPTIONS, scenarioAt } from './scenarios.ts';

/** What the default campaign does at the least, on a slow machine. */
const SCENARIOS = 1000;
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };
const SETTING = { options: DEFAULT_OPTIONS, base: DEFAULT_BASE };
const TIMES = 1;

test.each(KERNELS.map(({ id }) => id))('the default campaign reaches every rule of %s', (id) => {
  const semantics = resolveProfile(id);
  for (const seed of [1, 2]) {
    const seldom = seldomReached(semantics, seed);
    expect(seldom, `rules reached less than ${TIMES} times, seed ${seed}`).toEqual({});
  }
});

/** Rules that too few steps were predicted by, each with their number. */
function seldomReached(semantics: Semantics, seed: number): Record<string, number> {
  const missing = new Map<RuleId, number>(rulesOf(semantics, SETTING).map((id) => [id, 0]));
  for (let index = 0; index < SCENARIOS && missing.size > 0; index++) {
    const scenario = withEpilogue(scenarioAt(seed, index, WISHES));
    for (const { rules } of simulate(scenario, semantics, USUAL_ENVIRONMENT)) {
      for (const id of rules) {
        const times = missing.get(id);
        if (times === undefined) continue;
        if (times + 1 < TIMES) missing.set(id, times + 1);
        else missing.delete(id);
      }
    }
  }
  return Object.fromEntries(missing);
}
