import { USERS } from '../model/users.ts';
import type { Step } from '../model/ops/index.ts';
import type { PlannedEntry } from '../model/layer-plan.ts';
import { OPS } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { LayerName } from '../model/ops/op.ts';
import { isLookedAt, type Scenario } from '../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { CLOCK_REALTIME, MNT_DETACH } from './constants.ts';
import { encodeCall } from './encode-call.ts';
import { readClock, startClock } from './encode-time.ts';
import { makeLayers, makePlainTree, mountBases, PLAIN_TREE } from './encode-bases.ts';
import { syncLayers, tearDown } from './encode-bases.ts';
import type { Refusable } from './encode-layer.ts';
import type { Devices } from './devices.ts';
import { HarnessError } from './errors.ts';
import { unmount } from './guest-calls.ts';
import { GUEST } from './guest.ts';
import { changeParameters } from './module-parameters.ts';
import { LIMIT } from './protocol/protocol.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { leaveNfs } from './nfs-recipes.ts';
import { letGo, mountRecipe } from './recipes.ts';
import { giveRoom, takeRoom } from './room-recipes.ts';
import { Stack } from './stack.ts';

/** Which dump is which tree. */
export const TREE = { merged: 0, base: 1 } as const;

/** What a step became: how many of its results are its own. */
export interface EncodedStep {
  readonly step: Step;
  /** How many come before those, and tell nothing. */
  readonly lead: number;
  /** Which of those has to succeed if a client could mount what is served; null: none. */
  readonly servedAgain: number | null;
  /** The last one of those has to find no room; after the step there is some again. */
  readonly isFull: boolean;
  readonly instructions: number;
  readonly switchesUser: boolean;
  readonly isLooked: boolean;
}

/** A program, and how to read what comes back. Instructions are named by their index. */
export interface EncodedScenario {
  readonly program: Buffer;
  /** Where the set-up begins that has to succeed: what is before cleans up after a lost program. */
  readonly setupAt: number;
  /** The mount, with which the first step that is observed begins. */
  readonly mountAt: number;
  readonly isLooked: boolean;
  /** Whether each step is given a time of its own. */
  readonly setsClock: boolean;
  /** Set-up that not all file systems and kernels have to do, and what they may say. */
  readonly refusable: Readonly<Refusable>;
  readonly steps: readonly EncodedStep[];
  /** How many instructions clean up in the end; the last one tells whether all was let go. */
  readonly teardown: number;
  /** Results that nobody reads but to see that there is no failure. */
  readonly aside: ReadonlySet<number>;
}

export interface EncodeOptions {
  readonly setsClock?: boolean;
  readonly devices?: Devices;
  /** What the machine does of itself. */
  readonly machine?: Environment;
  /** The tree that the steps run in, without overlayfs. */
  readonly plain?: readonly PlannedEntry[];
}

/**
 * One frame for a whole scenario: layers, mount, steps with all that is observed, clean-up. Where
 * the clock may be set each step has a time of its own: kernels before 6.13 stamp with a clock that
 * stands still for many steps.
 */
export function encode(
  scenario: Scenario,
  { setsClock = false, devices = [], machine = USUAL_ENVIRONMENT, plain }: EncodeOptions = {},
): EncodedScenario {
  const program = new ProgramBuilder();
  startClock(program, setsClock ? 0 : null);
  tearDown(program, scenario, 1, MNT_DETACH);
  const setupAt = program.instructions;
  mountBases(program, scenario, devices);
  changeParameters(program, machine, {}, scenario.parameters);
  const refusable =
    plain === undefined
      ? makeLayers(program, scenario, machine.fsVerity)
      : makePlainTree(program, plain);
  syncLayers(program, scenario);
  const stack = new Stack(scenario, plain === undefined ? null : PLAIN_TREE, devices[0]);
  const mountAt = program.instructions;
  mountRecipe(program, stack.dataOf({}));
  const isLooked = observe(program, isLookedAt(scenario, 0));
  const steps = scenario.steps.map((step, index) => {
    startClock(program, setsClock ? index + 1 : null);
    stack.step = index + 1;
    const encoded = encodeStep(program, step, stack);
    return { ...encoded, isLooked: observe(program, isLookedAt(scenario, index + 1)) };
  });
  const remounts = scenario.steps.filter(({ op }) => REMOUNTS.has(OPS[op].result)).length;
  const teardownAt = program.instructions;
  changeParameters(program, machine, scenario.parameters);
  tearDown(program, scenario, 1 + remounts, 0, devices);
  const teardown = program.instructions - teardownAt;
  const { aside } = program;
  if (program.instructions + aside.size > LIMIT.instructions) {
    throw new HarnessError('bad-input', `a scenario of ${program.instructions} instructions`);
  }
  const about = { setupAt, mountAt, isLooked, setsClock, refusable, teardown, aside };
  return { program: program.finish(), steps, ...about };
}

function encodeStep(program: ProgramBuilder, step: Step, stack: Stack) {
  const leadAt = program.instructions;
  const servedAgain = leaveNfs(program, step, stack) ? program.instructions - leadAt - 1 : null;
  const isFull = takeRoom(program, step, stack);
  const lead = program.instructions - leadAt;
  const switchesUser = step.as !== undefined && step.as !== 'root';
  if (switchesUser) {
    const { uid, gid } = USERS[step.as];
    program.call('setresgid', [-1, gid, -1]);
    program.call('setresuid', [-1, uid, -1]);
  }
  const callAt = program.instructions;
  if ('layer' in step.args) encodeEdit(program, step, step.args.layer, stack);
  else encodeCall(program, step, stack);
  const instructions = program.instructions - callAt;
  if (switchesUser) {
    program.call('setresuid', [-1, 0, -1]);
    program.call('setresgid', [-1, 0, -1]);
  }
  if (isFull) giveRoom(program, stack);
  return { step, lead, servedAgain, isFull, instructions, switchesUser };
}

/**
 * Both trees, the merged one first, as looking may change layers; then the clock, as that change is
 * stamped with it.
 */
function observe(program: ProgramBuilder, isLooked: boolean): boolean {
  if (isLooked) program.dump(TREE.merged, GUEST.merged);
  program.dump(TREE.base, GUEST.layers);
  readClock(program, CLOCK_REALTIME);
  return isLooked;
}

/** A change of a layer, seen from its root, while the overlay is not mounted. */
function encodeEdit(program: ProgramBuilder, step: Step, layer: LayerName, stack: Stack): void {
  letGo(program);
  unmount(program, GUEST.merged);
  encodeCall(program, step, stack, stack.rootOf(layer));
  if (step.op === 'offlineReplace') stack.replace(step.args);
  mountRecipe(program, stack.dataOf({}));
}
