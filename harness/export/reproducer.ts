import type { Difference, PredictedTrace } from '../../model/observation.ts';
import { isLookedAt, withEpilogue } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import type { Semantics } from '../../model/semantics/semantics.ts';
import { simulate } from '../../model/simulate.ts';
import { HarnessError } from '../errors.ts';

/** What a reproducer does, and what the model expects of it. */
export interface Reproducer {
  /** Ends with the steps that look again at what is there, where nothing is known to differ. */
  readonly scenario: Scenario;
  /** How many of its steps are its own. */
  readonly ownSteps: number;
  readonly semantics: Semantics;
  readonly predicted: PredictedTrace;
  readonly differences: readonly Difference[];
}

/** Of a difference that is known, what comes after it is of no interest. */
export function reproducerOf(
  scenario: Scenario,
  release: string,
  differences: readonly Difference[] = [],
): Reproducer {
  if (scenario.mount !== undefined) {
    throw new HarnessError('bad-input', 'a mount of other places cannot be exported');
  }
  if (scenario.mounter !== undefined) {
    throw new HarnessError('bad-input', 'a mount in a user namespace cannot be exported');
  }
  if (scenario.layers.some(({ mapped }) => mapped === true)) {
    throw new HarnessError('bad-input', 'a layer with mapped ids cannot be exported');
  }
  if (scenario.looks !== undefined && differences.length > 0) {
    throw new HarnessError('bad-input', 'what is looked at in the end alone is exported whole');
  }
  const semantics = profileOfRelease(release);
  const whole = withEpilogue(scenario);
  const [difference] = differences;
  const steps = whole.steps.slice(0, difference?.step ?? whole.steps.length);
  const played = { ...whole, steps };
  return {
    scenario: played,
    ownSteps: Math.min(steps.length, scenario.steps.length),
    semantics,
    predicted: simulate(played, semantics, USUAL_ENVIRONMENT),
    differences,
  };
}

/** Whether nothing is looked at, or not again, between a step and the next one. */
export function isLeftAlone(reproducer: Reproducer, index: number): boolean {
  return lookedAt(reproducer).has(index) || !isLookedAt(reproducer.scenario, index);
}

/** Which steps of the trace have everything looked at: the last own one, and the last. */
export function lookedAt({ predicted, ownSteps }: Reproducer): ReadonlySet<number> {
  const last = predicted.length - 1;
  return new Set([Math.min(ownSteps, last), last]);
}
