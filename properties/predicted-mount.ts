import { predictMount } from '../model/mount.ts';
import type { FreshMount } from '../model/mount.ts';
import type { StringPlan } from '../model/mount-plan.ts';
import type { Prediction } from '../model/prediction.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';

/** What the model says of a mount on a kernel with the usual settings. */
export function predictedMount(release: string, scenario: Scenario): Prediction<FreshMount> {
  return predictMount(scenario, {
    semantics: profileOfRelease(release),
    environment: USUAL_ENVIRONMENT,
    rule: () => undefined,
  });
}

/** A mount of layers that are told as `lowerdir=@l0 upperdir=@u workdir=@w`. */
export function mountOfText(text: string, options = ''): Scenario {
  const params = text.split(' ').map((param) => {
    const [key, value = ''] = param.split('=');
    return { key, value } as StringPlan['params'][number]; // Callers use no other keys.
  });
  return { base: 'tmpfs', layers: [], options, steps: [], mount: { params } };
}
