import { buildLayers } from './build.ts';
import type { Built } from './build.ts';
import { startFaults } from './faults.ts';
import { objectsMet } from './object-states.ts';
import type { ObjectMet } from './object-states.ts';
import { OPS } from './ops/index.ts';
import { REMOUNTS } from './ops/op.ts';
import { makeStep, mountWorld } from './stage.ts';
import type { OpsTable } from './stage.ts';
import type { PredictedTrace, StepPrediction } from './observation.ts';
import { isCleanUpKnown } from './overlay/work-dir.ts';
import { succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { RuleId } from './rules.ts';
import { isLookedAt } from './scenario.ts';
import type { Scenario } from './scenario.ts';
import { withParameters } from './semantics/module-parameters.ts';
import type { Environment, Semantics } from './semantics/semantics.ts';
import type { World } from './state.ts';
import { USERS } from './users.ts';
import { Viewer } from './view.ts';

/** What may be played otherwise than a scenario says. */
export interface Played {
  /** Overridden to play a kernel with a bug. */
  readonly ops?: OpsTable;
  readonly built?: Built;
  /** Past where one of several orders is as likely as another, in the one that the model takes. */
  readonly goesOn?: boolean;
  /** Is shown what there is after the last step. */
  readonly ended?: (world: World, last: StepPrediction) => void;
}

/**
 * What the model says happens: one element for the mount and one for each step. A mount that fails
 * ends the trace, be it the first one or that of a step.
 */
export function simulate(
  scenario: Scenario,
  semantics: Semantics,
  machine: Environment,
  {
    ops = OPS,
    built = buildLayers(scenario, semantics, machine),
    ended,
    goesOn = false,
  }: Played = {},
): PredictedTrace {
  const environment = withParameters(machine, scenario.parameters);
  const { fs } = built;
  const viewer = new Viewer();
  const rules = new Set<RuleId>();
  const rule = (id: RuleId): void => {
    rules.add(id);
  };
  if (scenario.steps.some(({ op }) => op === 'failDevice')) startFaults(fs);
  const machineOf = { semantics, environment, rule };
  const mounted = mountWorld(scenario, built, machineOf);
  if (!mounted.ok) {
    return [{ result: mounted, rules: [...rules], merged: null, base: viewer.base(fs) }];
  }
  const { world, view } = mounted.value;
  const trace: StepPrediction[] = [];
  /** Whether there is more to predict. */
  const observe = (
    result: Prediction<unknown>,
    isMounted: boolean,
    objects: readonly ObjectMet[] = [],
  ): boolean => {
    const context = { world, semantics, environment, caller: USERS.root, rule };
    world.looks++;
    const isLooked = isMounted && isLookedAt(scenario, trace.length);
    const merged = isLooked ? viewer.merged(context) : null;
    world.looks++;
    const { hasUpper, workdir } = world.points;
    const isKnown = result.ok || isMounted || !hasUpper || isCleanUpKnown(workdir, result);
    const isOrderOpen = world.isOrderOpen || !isKnown ? { isOrderOpen: true as const } : {};
    const isOver = fs.faults?.isOver === true ? { isOver: true as const } : {};
    const seen = { merged, base: viewer.base(fs), objects };
    trace.push({ result, rules: [...rules], ...seen, ...isOrderOpen, ...isOver });
    rules.clear();
    return isMounted && (goesOn || !world.isOrderOpen) && fs.faults?.isOver !== true;
  };
  if (!observe(succeed(view), true)) return trace;
  for (const step of scenario.steps) {
    const objects = objectsMet(world, step);
    const result = makeStep(world, step, machineOf, ops);
    const isMounted = result.ok || !REMOUNTS.has(OPS[step.op].result);
    if (!observe(result, isMounted, objects)) return trace;
  }
  const last = trace.at(-1);
  if (last !== undefined) ended?.(world, last);
  return trace;
}
