import { compare } from '../model/compare.ts';
import { withEpilogue } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { withLooks } from './looks.ts';
import { withNames } from './names.ts';
import { withOtherMounts } from './other-mounts.ts';
import type { Property } from './property.ts';
import { scenarioAt } from './scenarios.ts';

/** The same law for what each kernel is to be like. */
export const lockstepWith = (profileOf: (release: string) => Semantics): Property => ({
  name: 'lockstep',
  says: 'The kernel does what the model predicts, step by step, in every tree.',
  scenarioAt(seed, index, wishes) {
    const drawn = withOtherMounts(seed, index, wishes, scenarioAt(seed, index, wishes));
    return withNames(seed, index, withLooks(seed, index, drawn));
  },

  async check(scenario, kernel) {
    // The model runs while the kernel does.
    const observing = kernel.run(scenario);
    const { release, environment } = kernel;
    const extended = withEpilogue(scenario);
    const predicted = simulate(extended, profileOf(release), environment);
    const observed = await observing;
    return { differences: compare(predicted, observed, extended), predicted, observed };
  },
});

export const lockstep = lockstepWith(profileOfRelease);
