import { compare } from '../model/compare.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { chance } from './draw.ts';
import { ANY_OPTIONS, drawOptions, IS_VOLATILE, semanticsOf } from './options.ts';
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
    // Names that cannot be written are told to whoever asks first.
    const end = predicted.findIndex(({ isOver }) => isOver === true);
    const ofData = end < 0 ? observed : observed.slice(0, end);
    const unequal = pairDifferences(extended.steps, ofData);
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
  const options = optionsAt(seed, index, wishes);
  const isVolatile = options === DEFAULT_OPTIONS && chance(random, VOLATILE_PERCENT);
  return {
    base: wishes.base === 'xfs' ? 'xfs' : 'ext4',
    layers: [layerOf('upper', UPPER_FILES), layerOf('lower', LOWER_FILES)],
    options: isVolatile ? `${options},volatile` : options,
    steps: drawFaults(random, { stepCount: wishes.stepCount, hasLog: wishes.base === 'xfs' }),
  };
}

/** From a stream of their own, so that the steps are the same with all of them. */
function optionsAt(seed: number, index: number, { options, release }: Wishes): string {
  if (options !== ANY_OPTIONS) return options;
  const of = { semantics: semanticsOf(release), hasUpper: true };
  return drawOptions(randomAt(~seed ^ SALT, index), of);
}
