import { buildLayers } from './build.ts';
import type { Built } from './build.ts';
import { startFaults } from './faults.ts';
import { BOUND } from './flags.ts';
import { objectsMet } from './object-states.ts';
import type { ObjectMet } from './object-states.ts';
import { OPS } from './ops/index.ts';
import type { OpName, Step } from './ops/index.ts';
import { REMOUNTS } from './ops/op.ts';
import type { Context, Op } from './ops/op.ts';
import type { PredictedTrace, StepPrediction } from './observation.ts';
import { needsRoom } from './needs-room.ts';
import { stopNfs } from './overlay/nfs.ts';
import { mountOverlay } from './overlay/super.ts';
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

export type OpsTable = typeof OPS;

/** What may be played otherwise than a scenario says. */
export interface Played {
  /** Overridden to play a kernel with a bug. */
  readonly ops?: OpsTable;
  readonly built?: Built;
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
  { ops = OPS, built = buildLayers(scenario, semantics, machine), ended }: Played = {},
): PredictedTrace {
  const environment = withParameters(machine, scenario.parameters);
  const { fs, points } = built;
  const viewer = new Viewer();
  const rules = new Set<RuleId>();
  const rule = (id: RuleId): void => {
    rules.add(id);
  };
  if (scenario.steps.some(({ op }) => op === 'failDevice')) startFaults(fs);
  const mounted = mountOverlay({ fs }, points, scenario.options, { semantics, environment, rule });
  if (!mounted.ok) {
    return [{ result: mounted, rules: [...rules], merged: null, base: viewer.base(fs) }];
  }
  const world: World = {
    fs,
    overlay: mounted.value.overlay,
    points,
    options: scenario.options,
    slots: new Array<null>(BOUND.slots).fill(null),
    handles: new Array<null>(BOUND.handles).fill(null),
    umask: 0,
    program: null,
    maps: new Array<null>(BOUND.maps).fill(null),
    lease: null,
    nextListing: 0,
    outside: new Array<null>(BOUND.slots).fill(null),
    ...{ second: null, nfs: null },
    looks: 0,
    ...{ isOrderOpen: false, looksAtEnd: scenario.looks === 'at the end' },
  };
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
    return isMounted && !world.isOrderOpen && fs.faults?.isOver !== true;
  };
  if (!observe(succeed(mounted.value.view), true)) return trace;
  for (const step of scenario.steps) {
    fs.now++;
    const caller = USERS[step.as ?? 'root'];
    const objects = objectsMet(world, step);
    beginStep(world, step.op);
    const result = predict(ops, { world, semantics, environment, caller, rule }, step);
    const isMounted = result.ok || !REMOUNTS.has(OPS[step.op].result);
    if (!observe(result, isMounted, objects)) return trace;
  }
  const last = trace.at(-1);
  if (last !== undefined) ended?.(world, last);
  return trace;
}

/** What a step does before it is made: it may need room, or the overlay for itself. */
function beginStep(world: World, op: OpName): void {
  if (REMOUNTS.has(OPS[op].result)) stopNfs(world);
  if (needsRoom(op)) world.fs.full = null;
  world.fs.spareInodes = 0;
}

/** A step and its operation belong together, which the type of a union of steps cannot say. */
function predict(ops: OpsTable, context: Context, { op, args }: Step): Prediction<unknown> {
  // Both sides are keyed by the same name; every Op accepts the arguments of its own steps.
  return (ops[op] as unknown as Op<Record<string, never>, 'none'>).predict(context, args as never);
}
