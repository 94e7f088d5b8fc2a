import type { Difference, ObservedTrace } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { apply } from './durability-law.ts';
import type { Tree } from './durability-law.ts';
import { INVARIANTS } from './invariants-laws.ts';
import type { Property } from './property.ts';
import { scenarioAt } from './scenarios.ts';

/**
 * Laws that hold after any step, whatever came before: they need no prediction, so that they find
 * what the model and a kernel get wrong alike.
 */
export const invariants: Property = {
  name: 'invariants',
  says: 'Layers and what is seen of them are in order after every step.',
  scenarioAt,

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const differences = brokenIn(withEpilogue(scenario), observed);
    return { differences, predicted: [], observed, sides: ['law', 'kernel'] };
  },
};

/** What the first step breaks that breaks any law. */
function brokenIn(scenario: Scenario, observed: ObservedTrace): readonly Difference[] {
  const { options, steps } = scenario;
  const isEdited = steps.some(({ op }) => OPS[op].result === 'edit' || op === 'rotate');
  let merged: Tree = new Map();
  let base: Tree = new Map();
  let made: Tree | null = null;
  for (const [index, step] of observed.entries()) {
    if (step.merged === null || step.base === null) return [];
    const before = base;
    merged = apply(merged, step.merged);
    base = apply(base, step.base);
    // What layers had from the start may be anything.
    made ??= base;
    const op: OpName | 'mount' = steps[index - 1]?.op ?? 'mount';
    const moment = { merged, base, before, made, op, options, isEdited };
    const differences = INVARIANTS.flatMap(({ broken, says }) =>
      broken(moment).map(({ at, field, observed: seen }) => {
        return { step: index, at, field, predicted: says, observed: seen };
      }),
    );
    if (differences.length > 0) return differences;
  }
  return [];
}
