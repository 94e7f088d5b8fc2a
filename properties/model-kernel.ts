import type { Kernel } from '../harness/kernel.ts';
import { buildPlain } from '../model/build.ts';
import { concretise } from '../model/concretise.ts';
import { predictMount } from '../model/mount.ts';
import type { FreshMount } from '../model/mount.ts';
import type { MountView } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { Observation, Prediction } from '../model/prediction.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileNamed, profileOfRelease } from '../model/semantics/resolve.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import type { OpsTable } from '../model/stage.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

/** A kernel of a version, or one that is as somebody proposes, played by the model. */
export function playedBy(name: string, release: string): Kernel {
  const semantics = profileNamed(name, release);
  if (semantics === null) throw new RangeError(`no semantics ${name}`);
  return modelKernel(release, OPS, semantics);
}

/** A kernel that is the model, with other operations where it is to be wrong. */
export function modelKernel(
  release: string,
  ops: OpsTable = OPS,
  semantics: Semantics = profileOfRelease(release),
): Kernel {
  return {
    release,
    environment: USUAL_ENVIRONMENT,
    mountEach(scenarios) {
      const context = { semantics, environment: USUAL_ENVIRONMENT, rule: () => undefined };
      return Promise.resolve(scenarios.map((scenario) => mountOf(predictMount(scenario, context))));
    },
    runPlain({ base, entries, steps }) {
      const played: Scenario = { base, layers: [], options: DEFAULT_OPTIONS, steps };
      const built = buildPlain(base, entries, semantics);
      const predicted = simulate(played, semantics, USUAL_ENVIRONMENT, { built });
      return Promise.resolve(concretise(predicted, played));
    },
    run(scenario) {
      const extended = withEpilogue(scenario);
      const { steps } = extended;
      for (let count = steps.length; ; count--) {
        try {
          const played = { ...extended, steps: steps.slice(0, count) };
          return Promise.resolve(
            concretise(simulate(played, semantics, USUAL_ENVIRONMENT, { ops }), played),
          );
        } catch (error) {
          // A bug may ruin the state until an assertion of the model fails: the kernel stops there.
          if (count === 0 || ops === OPS) throw error;
        }
      }
    },
  };
}

function mountOf(predicted: Prediction<FreshMount>): Observation<MountView> {
  if (predicted.ok) return { ok: true, value: predicted.value.view };
  return { ok: false, errno: predicted.anyOf[0] ?? 0 };
}
