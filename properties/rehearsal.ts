import type fc from 'fast-check';
import { buildLayers } from '../model/build.ts';
import type { Errno } from '../model/errno.ts';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { makeStep, mountWorld } from '../model/stage.ts';
import type { Machine } from '../model/stage.ts';
import type { World } from '../model/state.ts';
import { chance } from './draw.ts';
import { semanticsOf } from './options.ts';

/** What fails so says little of overlayfs: it comes from what a generator cannot know. */
const TELLS_LITTLE: ReadonlySet<Errno> = new Set<Errno>([
  'EBADF',
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
  'ENODATA',
  'ENXIO',
]);
/** Steps that belong together may fail on purpose, but not for want of what they are about. */
const MISSED_IT: ReadonlySet<Errno> = new Set<Errno>(['EBADF', 'ENOENT', 'ENOTDIR']);
const KEPT_PERCENT = 12;
/** Where hardly anything succeeds a scenario shall have its steps all the same. */
const DROPPED_MAX = 120;

const MACHINE: Machine = {
  semantics: semanticsOf(undefined),
  environment: USUAL_ENVIRONMENT,
  rule: () => undefined,
};

/**
 * Steps are tried out while they are drawn, so that few of a scenario's are wasted. What they are
 * tried in is the model of one kernel and of one file system, whatever the scenario is for: all
 * kernels get the same ones.
 */
export class Rehearsal {
  /** Null when it cannot be mounted, and from the step on that the model cannot follow. */
  private world: World | null;
  private dropped = 0;

  constructor(scenario: Pick<Scenario, 'layers' | 'options'>) {
    const whole: Scenario = { ...scenario, base: 'tmpfs', steps: [] };
    const built = buildLayers(whole, MACHINE.semantics);
    const mounted = mountWorld(whole, built, MACHINE);
    this.world = mounted.ok ? mounted.value.world : null;
  }

  /** Whether a step is worth its place; then it has been made. */
  takes(random: fc.Random, step: Step, isOfIdiom: boolean): boolean {
    const { world } = this;
    if (world === null) return true;
    const result = makeStep(world, step, MACHINE);
    if (world.isOrderOpen || (!result.ok && REMOUNTS.has(OPS[step.op].result))) this.world = null;
    if (result.ok || this.dropped >= DROPPED_MAX) return true;
    const little = isOfIdiom ? MISSED_IT : TELLS_LITTLE;
    if (!result.anyOf.every((errno) => little.has(errno)) || chance(random, KEPT_PERCENT)) {
      return true;
    }
    this.dropped++;
    return false;
  }
}
