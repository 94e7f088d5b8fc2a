import { USERS } from '../model/users.ts';
import type { Step } from '../model/ops/index.ts';
import type { PlannedEntry } from '../model/layer-plan.ts';
import { OPS } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { ArgKind, ArgKinds, LayerName } from '../model/ops/op.ts';
import { isLookedAt, type Scenario } from '../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import {
  ACCESS_MODES,
  FILE_FLAGS_BYTES,
  FSXATTR_BYTES,
  AT_FDCWD,
  AT_FLAGS,
  CLOCK_REALTIME,
  FALLOCATE_FLAGS,
  flagBits,
  MNT_DETACH,
  FLOCK_KINDS,
  LOCK_TYPES,
  MAP_FIXED,
  MAP_SHARINGS,
  MSYNC_FLAGS,
  OPEN_FLAGS,
  O_NONBLOCK,
  OPEN_FLAGS_ALWAYS,
  PROTECTIONS,
  RENAME_FLAGS,
  STATX_BYTES,
  STATX_FLAGS,
  STATX_MASKS,
  WHENCES,
  XATTR_FLAGS,
} from './constants.ts';
import { readClock, startClock, timespecs } from './encode-time.ts';
import { makeLayers, makePlainTree, mountBases, PLAIN_TREE } from './encode-bases.ts';
import { syncLayers, tearDown } from './encode-bases.ts';
import type { Devices } from './devices.ts';
import { HarnessError } from './errors.ts';
import { unmount } from './guest-calls.ts';
import { GUEST, guestPath, MAP_BYTES, mapAddress } from './guest.ts';
import { changeParameters } from './module-parameters.ts';
import { LIMIT } from './protocol/protocol.ts';
import type { CallName } from './protocol/protocol.ts';
import { offsetBytes, ProgramBuilder } from './protocol/program.ts';
import type { WireArg } from './protocol/program.ts';
import { runOfflineRecipe } from './offline-recipes.ts';
import { letGo, mountRecipe, runRecipe } from './recipes.ts';
import { Stack } from './stack.ts';

/** Which dump is which tree. */
export const TREE = { merged: 0, base: 1 } as const;

/** How each kind of argument travels. A new kind does not compile until it is here. */
const ENCODERS: { readonly [K in ArgKind]: (value: ArgKinds[K], root?: string) => WireArg } = {
  path: (path, root) => ({ input: `${guestPath(path, root)}\0` }),
  target: (target) => ({ input: `${target}\0` }),
  xattrName: (name) => ({ input: `${name}\0` }),
  bytes: (bytes) => ({ input: bytes }),
  mode: (mode) => mode,
  device: travelsByRecipe,
  fd: (slot) => ({ slot }),
  newFd: (slot) => slot,
  offset: (offset) => offset,
  map: mapAddress,
  newMap: mapAddress,
  position: (offset) => (offset === null ? 0 : { inout: offsetBytes(offset) }),
  size: (size) => size,
  owner: (owner) => owner,
  time: () => {
    throw new RangeError('times travel in pairs');
  },
  openFlags: (flags) => flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS,
  reopenFlags: travelsByRecipe,
  // A fifo that blocks would block the executor.
  statusFlags: (flags) => flagBits(OPEN_FLAGS, flags) | O_NONBLOCK,
  rwFlags: travelsByRecipe,
  resolveFlags: travelsByRecipe,
  renameFlags: (flags) => flagBits(RENAME_FLAGS, flags),
  fallocateFlags: (flags) => flagBits(FALLOCATE_FLAGS, flags),
  xattrFlags: (flags) => flagBits(XATTR_FLAGS, flags),
  atFlags: (flags) => flagBits(AT_FLAGS, flags),
  fsRequest: travelsByRecipe,
  fileFlags: travelsByRecipe,
  fileXflags: travelsByRecipe,
  statxFlags: (flags) => flagBits(STATX_FLAGS, flags),
  statxMask: (names) => flagBits(STATX_MASKS, names),
  accessMode: (modes) => flagBits(ACCESS_MODES, modes),
  protection: (names) => flagBits(PROTECTIONS, names),
  mapSharing: (sharing) => MAP_SHARINGS[sharing] | MAP_FIXED,
  flockKind: (kind) => FLOCK_KINDS[kind],
  lockType: (type) => LOCK_TYPES[type],
  umask: (mode) => mode,
  msyncFlags: (flags) => flagBits(MSYNC_FLAGS, flags),
  whence: (whence) => WHENCES[whence],
  handle: travelsByRecipe,
  newHandle: travelsByRecipe,
  handleFlags: travelsByRecipe,
  damage: travelsByRecipe,
  layer: travelsByRecipe,
  markName: (name) => ({ input: `${name}\0` }),
  mountOptions: travelsByRecipe,
  lowerOrder: travelsByRecipe,
  copyKeeps: travelsByRecipe,
  replacement: travelsByRecipe,
  otherFs: travelsByRecipe,
  workFate: travelsByRecipe,
  journal: travelsByRecipe,
  besideChange: travelsByRecipe,
  takenLayers: travelsByRecipe,
  ...{ outside: travelsByRecipe, newOutside: travelsByRecipe, outsidePlace: travelsByRecipe },
  syncCall: travelsByRecipe,
  mountAccess: travelsByRecipe,
};

function travelsByRecipe(): never {
  throw new RangeError('it travels by a recipe');
}

/** What a step became: how many of its results are its own. */
export interface EncodedStep {
  readonly step: Step;
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
  /** Set-up that a file system without user.* xattrs refuses. */
  readonly refusable: ReadonlySet<number>;
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
  return { step, instructions, switchesUser };
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

function encodeCall(
  program: ProgramBuilder,
  step: Step,
  stack: Stack,
  root: string = GUEST.merged,
): void {
  const { syscall, args: kinds } = OPS[step.op] as {
    readonly syscall: readonly (string | number)[] | 'recipe';
    readonly args: Readonly<Record<string, ArgKind>>;
  };
  if (syscall === 'recipe') {
    if (root === GUEST.merged) runRecipe(program, step, stack);
    else runOfflineRecipe(program, step, { root, stack });
    return;
  }
  const args = step.args as Readonly<Record<string, never>>;
  if (step.op === 'close') {
    program.close(step.args.fd);
    return;
  }
  const [name, ...places] = syscall;
  const newFd = Object.keys(kinds).find((key) => kinds[key] === 'newFd');
  program.call(
    name as CallName,
    places.map((place) => encodePlace(place, kinds, args, root)),
    newFd === undefined ? -1 : args[newFd],
  );
}

function encodePlace(
  place: string | number,
  kinds: Readonly<Record<string, ArgKind>>,
  args: Readonly<Record<string, never>>,
  root: string,
): WireArg {
  if (typeof place === 'number') return place;
  switch (place) {
    case 'AT_FDCWD':
      return AT_FDCWD;
    case 'MAP_BYTES':
      return MAP_BYTES;
    case '""':
      return { input: '\0' };
    case '$times':
      return { inout: timespecs(args['atime'] as never, args['mtime'] as never) };
    case 'out:statx':
      return { struct: STATX_BYTES };
    case 'out:flags':
      return { struct: FILE_FLAGS_BYTES };
    case 'out:fsxattr':
      return { struct: FSXATTR_BYTES };
    default:
  }
  const at = place.indexOf('$') + 1;
  const name = place.slice(at);
  const value = args[name];
  if (place.startsWith('out:')) return { output: value as unknown as number };
  if (place.startsWith('len:')) return (value as unknown as string).length;
  const kind = kinds[name];
  if (kind === undefined) throw new RangeError(`${place} is no argument`);
  // The value is of the kind that its operation declares; the table is keyed by that kind.
  return (ENCODERS[kind] as (value: never, root: string) => WireArg)(value as never, root);
}
