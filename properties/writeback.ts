import { compare } from '../model/compare.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { chance } from './draw.ts';
import { IS_VOLATILE } from './options.ts';
import type { Property } from './property.ts';
import { randomAt } from './random.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import type { Wishes } from './scenarios.ts';
import { drawFaults, LOWER_FILES, UPPER_FILES } from './writeback-steps.ts';
import { pairDifferences } from './writeback-law.ts';

/**
 * Who is told of data that got lost: files opened before and after, through the overlay, through
 * another one on the same file system, and in the upper layer itself.
 */
export const writebackWith = (profileOf: (release: string) => Semantics): Property => ({
  name: 'writeback',
  says: 'Of data that is lost each file is told as the model says, and as its upper file is.',
  base: 'ext4',
  alsoOn: ['xfs'],
  failsDevices: true,
  scenarioAt: scenarioWithFaults,

  async check(scenario, kernel) {
    const observing = kernel.run(scenario);
    const extended = withEpilogue(scenario);
    const { release, environment } = kernel;
    const predicted = simulate(extended, profileOf(release), environment);
    const observed = await observing;
    const differences = compare(predicted, observed, extended);
    if (differences.length > 0 || IS_VOLATILE.test(scenario.options)) {
      return { differences, predicted, observed };
    }
    const unequal = pairDifferences(extended.steps, observed);
    if (unequal.length === 0) return { differences, predicted, observed };
    return { differences: unequal, predicted, observed, sides: ['upper file', 'overlay file'] };
  },
});

export const writeback = writebackWith(profileOfRelease);

const SALT = 0xfa_017;
const VOLATILE_PERCENT = 35;
/** More than a page, so that some of it can be written and some not. */
const PIECES = [
  { at: 0, text: 'first page' },
  { at: 5000, text: 'second page' },
];

function scenarioWithFaults(seed: number, index: number, wishes: Wishes): Scenario {
  const random = randomAt(seed ^ SALT, index);
  const layerOf = (role: LayerSpec['role'], paths: readonly string[]): LayerSpec => {
    return { role, entries: paths.map((path) => ({ path, type: 'file', pieces: PIECES })) };
  };
  const isVolatile = wishes.options === DEFAULT_OPTIONS && chance(random, VOLATILE_PERCENT);
  return {
    base: wishes.base === 'xfs' ? 'xfs' : 'ext4',
    layers: [layerOf('upper', UPPER_FILES), layerOf('lower', LOWER_FILES)],
    options: isVolatile ? `${wishes.options},volatile` : wishes.options,
    steps: drawFaults(random, { stepCount: wishes.stepCount, hasLog: wishes.base === 'xfs' }),
  };
}
