import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';
import { drawOptions, drawOtherValue, IS_VOLATILE, semanticsOf } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const SCENARIOS_PERCENT = 30;
const STREAM = 0x6000_0000;
const TRIES_MAX = 5;

/**
 * In some scenarios what empties caches is a mount with other options, mostly in one or two
 * features, so that one mount reads what another, which had more or less of them, left in layers.
 */
export function withOtherMounts(
  seed: number,
  index: number,
  wishes: Wishes,
  scenario: Scenario,
): Scenario {
  const { layers, options, steps } = scenario;
  const random = randomAt(seed, index ^ STREAM);
  if (!chance(random, SCENARIOS_PERCENT)) return scenario;
  const hasUpper = layers.some(({ role }) => role === 'upper');
  const of = { semantics: semanticsOf(wishes.release), hasUpper };
  let current = options;
  const next = (): string => {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      let drawn = drawOtherValue(random, pick(random, [current, options]), of);
      if (chance(random, 30)) drawn = drawOtherValue(random, drawn, of);
      if (chance(random, 15)) drawn = drawOptions(random, of);
      // What was mounted volatile is not mounted again.
      if (!IS_VOLATILE.test(drawn)) return drawn;
    }
    return options;
  };
  const changed = steps.map((step): Step => {
    if (step.op !== 'remount' && step.op !== 'dropCaches') return step;
    current = chance(random, 25) ? options : next();
    return { op: 'mountWith', args: { options: current } };
  });
  return { ...scenario, steps: changed };
}
