import type { Kernel } from '../harness/kernel.ts';
import { concretise } from '../model/concretise.ts';
import { OPS } from '../model/ops/index.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import type { OpsTable } from '../model/simulate.ts';

const ENVIRONMENT: Environment = {
  protectedHardlinks: true,
  protectedSymlinks: true,
  redirectAlwaysFollow: true,
};

/** A kernel that is the model, with other operations where it is to be wrong. */
export function modelKernel(release: string, ops: OpsTable): Kernel {
  const semantics = profileOfRelease(release);
  return {
    release,
    environment: ENVIRONMENT,
    run(scenario) {
      const extended = withEpilogue(scenario);
      const { steps } = extended;
      for (let count = steps.length; ; count--) {
        try {
          const played = { ...extended, steps: steps.slice(0, count) };
          return Promise.resolve(concretise(simulate(played, semantics, ENVIRONMENT, ops), played));
        } catch (error) {
          // A bug may ruin the state until an assertion of the model fails: the kernel stops there.
          if (count === 0 || ops === OPS) throw error;
        }
      }
    },
  };
}
