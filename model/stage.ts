import type { Built } from './build.ts';
import { BOUND } from './flags.ts';
import { needsRoom } from './needs-room.ts';
import type { MountView } from './observation.ts';
import { OPS } from './ops/index.ts';
import type { OpName, Step } from './ops/index.ts';
import { REMOUNTS } from './ops/op.ts';
import type { Context, Op } from './ops/op.ts';
import { stopNfs } from './overlay/nfs.ts';
import { mountOverlay } from './overlay/super.ts';
import { succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { Scenario } from './scenario.ts';
import type { World } from './state.ts';
import { USERS } from './users.ts';

export type OpsTable = typeof OPS;

/** Of what a step is made in, what stays the same from one to the next. */
export type Machine = Pick<Context, 'semantics' | 'environment' | 'rule'>;

/** The overlay of a scenario, and nothing open. */
export function mountWorld(
  { options, looks }: Pick<Scenario, 'options' | 'looks'>,
  { fs, points }: Pick<Built, 'fs' | 'points'>,
  machine: Machine,
): Prediction<{ readonly world: World; readonly view: MountView }> {
  const mounted = mountOverlay({ fs }, points, options, machine);
  if (!mounted.ok) return mounted;
  const world: World = {
    fs,
    overlay: mounted.value.overlay,
    points,
    options,
    slots: new Array<null>(BOUND.slots).fill(null),
    handles: new Array<null>(BOUND.handles).fill(null),
    umask: 0,
    program: null,
    maps: new Array<null>(BOUND.maps).fill(null),
    lease: null,
    watch: null,
    nextListing: 0,
    outside: new Array<null>(BOUND.slots).fill(null),
    ...{ second: null, nfs: null },
    looks: 0,
    ...{ isOrderOpen: false, looksAtEnd: looks === 'at the end' },
  };
  return succeed({ world, view: mounted.value.view });
}

/** Makes a step. One that mounts and fails leaves a world in which there can be no other. */
export function makeStep(
  world: World,
  step: Step,
  machine: Machine,
  ops: OpsTable = OPS,
): Prediction<unknown> {
  world.fs.now++;
  beginStep(world, step.op);
  return predict(ops, { world, ...machine, caller: USERS[step.as ?? 'root'] }, step);
}

/** What a step does before it is made: it may need room, or the overlay for itself. */
function beginStep(world: World, op: OpName): void {
  if (REMOUNTS.has(OPS[op].result)) stopNfs(world);
  if (needsRoom(op)) world.fs.full = null;
  world.fs.spareInodes = 0;
  world.fs.sparePages = 0;
}

/** A step and its operation belong together, which the type of a union of steps cannot say. */
function predict(ops: OpsTable, context: Context, { op, args }: Step): Prediction<unknown> {
  // Both sides are keyed by the same name; every Op accepts the arguments of its own steps.
  return (ops[op] as unknown as Op<Record<string, never>, 'none'>).predict(context, args as never);
}
