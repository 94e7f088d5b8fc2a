import { expect, test } from 'vitest';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { simulate } from '../../model/simulate.ts';
import { scenarioAt } from '../../properties/scenarios.ts';
import { ROUND } from './mutant-hunt.ts';
import { MUTANT_DEFAULTS } from './mutants.ts';

const SAMPLE = 60;
const stages = ROUND.filter(({ property }) => property === 'lockstep');

// A mount that is refused is one step: a stage of such ones would find nothing, and not say so.
test.each(stages)(
  '$options on $base is mounted by the kernel whose mutants are hunted',
  (stage) => {
    const semantics = profileOfRelease(MUTANT_DEFAULTS.kernel);
    const wishes = {
      options: stage.options,
      base: stage.base,
      stepCount: 30,
      release: semantics.id,
    };
    const drawn = Array.from({ length: SAMPLE }, (_, index) => scenarioAt(7, index, wishes));
    const done = drawn.filter((scenario) => {
      const [mount] = simulate(scenario, semantics, USUAL_ENVIRONMENT);
      return mount?.result.ok === true;
    });
    expect(done.length).toBeGreaterThan(SAMPLE * 0.9);
  },
);
