import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import type { ArgKind, ArgKinds } from '../model/ops/op.ts';
import {
  ACCESS_MODES,
  FILE_FLAGS_BYTES,
  FSXATTR_BYTES,
  AT_FDCWD,
  AT_FLAGS,
  FALLOCATE_FLAGS,
  flagBits,
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
import { timespecs } from './encode-time.ts';
import { GUEST, guestPath, MAP_BYTES, mapAddress } from './guest.ts';
import { runOfflineRecipe } from './offline-recipes.ts';
import { offsetBytes } from './protocol/program.ts';
import type { ProgramBuilder, WireArg } from './protocol/program.ts';
import type { CallName } from './protocol/protocol.ts';
import { runRecipe } from './recipes.ts';
import type { Stack } from './stack.ts';
import { watchChange } from './watch-recipe.ts';

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
  handleType: travelsByRecipe,
  handleBody: travelsByRecipe,
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
  room: travelsByRecipe,
  besideChange: travelsByRecipe,
  ...{ beneathChange: travelsByRecipe, beneathCall: travelsByRecipe },
  takenLayers: travelsByRecipe,
  ...{ watchCaches: travelsByRecipe, watchedChange: travelsByRecipe },
  ...{ outside: travelsByRecipe, newOutside: travelsByRecipe, outsidePlace: travelsByRecipe },
  nfsVersion: travelsByRecipe,
  syncCall: travelsByRecipe,
  mountAccess: travelsByRecipe,
};

function travelsByRecipe(): never {
  throw new RangeError('it travels by a recipe');
}

/** The call of a step, or those of its recipe; of an edit on the layer that has this root. */
export function encodeCall(
  program: ProgramBuilder,
  step: Step,
  stack: Stack,
  root: string = GUEST.merged,
): void {
  const { syscall, args: kinds } = OPS[step.op] as {
    readonly syscall: readonly (string | number)[] | 'recipe';
    readonly args: Readonly<Record<string, ArgKind>>;
  };
  if (step.op === 'watchChange') {
    // What is done meanwhile are steps, too.
    watchChange(program, step.args, (one) => {
      encodeCall(program, one, stack);
    });
    return;
  }
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
