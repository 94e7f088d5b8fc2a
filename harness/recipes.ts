import type { OpName, Step } from '../model/ops/index.ts';
import { BOUND } from '../model/flags.ts';
import type { Mounter } from '../model/mounter.ts';
import { AT_FDCWD, deviceNumber, FS_IOC_SHUTDOWN, GOING_FLAGS } from './constants.ts';
import { MODE_TYPES, MS_BIND, MS_REMOUNT, STATFS_BYTES } from './constants.ts';
import { runAroundRecipe } from './around-recipes.ts';
import { runHandleRecipe } from './handle-recipes.ts';
import { GUEST, guestPath } from './guest.ts';
import { mountBase, MOUNT_FLAGS, unmapAll, unmount } from './guest-calls.ts';
import { runFaultRecipe } from './fault-recipes.ts';
import { mountApart } from './mount-apart.ts';
import { runFdRecipe } from './fd-recipes.ts';
import { runReopenRecipe } from './reopen-recipes.ts';
import { runMemoryRecipe } from './memory-recipes.ts';
import { runRoomRecipe } from './room-recipes.ts';
import { DEDUPE_RECIPE, LEASED_RECIPE, STRICT_RECIPE } from './shared-file-recipes.ts';
import { runSharedFileRecipe } from './shared-file-recipes.ts';
import { TOLD_RECIPE, WATCH_RECIPE, watchRecipe } from './watch-recipe.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { Stack } from './stack.ts';

const MOUNTINFO_BYTES = 16_384;
/** Slots behind those of scenarios. */
export const MOUNTINFO_SLOT = 60;
export const BUILD_SLOT = 61;

/** Where in a mount, seen from its end, the calls are that tell. A remount has them all. */
export const MOUNT_RECIPE = { instructions: 4, umount: -5, mount: -4, mountinfo: -2 } as const;
/** The same of a mount between two: the first unmount, the other mount, and the last mount. */
export const OTHER_MOUNT_RECIPE = { umount: -7, other: -6, mount: -4 } as const;

/** The same of a crash, and where among its calls, from the first, the one is that stops. */
export const CRASH_RECIPE = { stop: 1, umount: -7, mountBase: -5 } as const;

/** Data of an overlay mount, who makes it, or a directory that is shown in its place. */
export type Mounted =
  string | { readonly plain: string } | { readonly data: string; readonly mounter: Mounter };

/** Mounts the overlay and reads what the kernel shows of it. */
export function mountRecipe(program: ProgramBuilder, what: Mounted): void {
  mountCall(program, what);
  readMountinfo(program);
}

/** One read brings no more than a page, unless a single line is longer. */
export function readMountinfo(program: ProgramBuilder, reads = 1): void {
  program.call('openat', [AT_FDCWD, { input: '/proc/self/mountinfo\0' }, 0, 0], MOUNTINFO_SLOT);
  for (let turn = 0; turn < reads; turn++) {
    const into = { output: MOUNTINFO_BYTES };
    program.call('read', [{ slot: MOUNTINFO_SLOT }, into, MOUNTINFO_BYTES]);
  }
  program.close(MOUNTINFO_SLOT);
}

export function mountCall(
  program: ProgramBuilder,
  what: Mounted,
  place: string = GUEST.merged,
): void {
  const where = { input: `${place}\0` };
  if (typeof what !== 'string' && 'mounter' in what) {
    mountApart(program, what.data, place, what.mounter);
    return;
  }
  if (typeof what !== 'string') {
    program.call('mount', [{ input: `${what.plain}\0` }, where, 0, MS_BIND, 0]);
    return;
  }
  const type = { input: 'overlay\0' };
  program.call('mount', [type, where, type, MOUNT_FLAGS, { input: `${what}\0` }]);
}

/** So many calls let go of what keeps the mount busy. */
export const LET_GO = BOUND.slots + 1;

/** Nothing of a scenario keeps the mount busy any more. */
export function letGo(program: ProgramBuilder): void {
  for (let slot = 0; slot < BOUND.slots; slot++) program.close(slot);
  unmapAll(program);
}

/** Which of its calls tell how a step went, seen from the end; the last unless said otherwise. */
export const TELLING_CALLS: Readonly<Partial<Record<OpName, readonly number[]>>> = {
  // A remount that cannot unmount has failed, whatever is then mounted on top of it.
  remount: [MOUNT_RECIPE.umount, MOUNT_RECIPE.mount],
  mountWith: [MOUNT_RECIPE.umount, MOUNT_RECIPE.mount],
  rotate: [LET_GO, MOUNT_RECIPE.mount],
  mountOther: [OTHER_MOUNT_RECIPE.umount, OTHER_MOUNT_RECIPE.mount],
  // The device is taken away and mounted in between.
  crash: [CRASH_RECIPE.umount, CRASH_RECIPE.mountBase, MOUNT_RECIPE.mount],
  // However the other mount goes.
  mountBeside: [],
  mountBusy: [MOUNT_RECIPE.umount, MOUNT_RECIPE.mount],
  changeBeneath: [MOUNT_RECIPE.umount, MOUNT_RECIPE.mount],
  reconfigure: [MOUNT_RECIPE.mount],
  lease: [-2],
  openLeased: [LEASED_RECIPE.lease, LEASED_RECIPE.open],
  strictRead: [STRICT_RECIPE.open],
  dedupe: [DEDUPE_RECIPE.ioctl],
  sendfile: [-2],
  getcwd: [-2, -1],
  toggleXflags: [-2, -1],
  fdPath: [-3, -2],
  reopenFd: [-3, -2],
  openat2: [-2],
  // The export, and the mount by the client.
  nfsMount: [-3, -1],
  watch: [WATCH_RECIPE.watch, WATCH_RECIPE.open],
  watchChange: [TOLD_RECIPE.watch],
};

/**
 * Operations that no single template describes. The result is that of the last call, but for a
 * mount, which the decoder knows how to read.
 */
export function runRecipe(program: ProgramBuilder, step: Step, stack: Stack): void {
  switch (step.op) {
    case 'mknod':
      mknod(program, step.args);
      return;
    case 'dropCaches':
      dropCaches(program);
      return;
    case 'statfs':
      statfs(program, stack.topLayer());
      statfs(program, guestPath(step.args.path));
      return;
    case 'remount':
    case 'rotate':
    case 'mountOther':
    case 'mountWith':
    case 'mountBeside':
    case 'mountBusy':
    case 'changeBeneath':
    case 'reconfigure':
      runAroundRecipe(program, step, stack);
      return;
    case 'crash':
      crash(program, GOING_FLAGS[step.args.journal], stack);
      return;
    case 'encodeHandle':
    case 'encodeFdHandle':
    case 'openHandle':
    case 'openHandleCold':
    case 'openMadeHandle':
      runHandleRecipe(program, step);
      return;
    case 'pwritev2':
    case 'mmap':
    case 'readMap':
    case 'writeMap':
    case 'sendfile':
    case 'sendfileTo':
      runMemoryRecipe(program, step);
      return;
    case 'fdPath':
    case 'reopenFd':
    case 'openat2':
    case 'execute':
      runReopenRecipe(program, step);
      return;
    case 'openLeased':
    case 'strictRead':
    case 'dedupe':
      runSharedFileRecipe(program, step);
      return;
    case 'watch':
      watchRecipe(program, step.args);
      return;
    case 'fillUp':
    case 'makeRoom':
      runRoomRecipe(program, step, stack);
      return;
    case 'ofdLock':
    case 'lease':
    case 'getcwd':
    case 'setFlags':
    case 'toggleXflags':
    case 'fsIoctl':
      runFdRecipe(program, step);
      return;
    default:
      if (!runFaultRecipe(program, step, stack)) throw new RangeError(`no recipe for ${step.op}`);
  }
}

type Mknod = Extract<Step, { op: 'mknod' }>['args'];

function mknod(program: ProgramBuilder, { path, mode, device }: Mknod): void {
  program.call('mknodat', [
    AT_FDCWD,
    { input: `${guestPath(path)}\0` },
    MODE_TYPES[device.type] | mode,
    deviceNumber(device),
  ]);
}

function statfs(program: ProgramBuilder, path: string): void {
  program.call('statfs', [{ input: `${path}\0` }, { struct: STATFS_BYTES }]);
}

/** Nothing that the file system of the upper layer holds in memory reaches its device any more. */
function crash(program: ProgramBuilder, how: number, stack: Stack): void {
  const flags = Buffer.alloc(4);
  flags.writeUInt32LE(how);
  program.call('openat', [AT_FDCWD, { input: `${GUEST.layers}\0` }, 0, 0], BUILD_SLOT);
  program.call('ioctl', [{ slot: BUILD_SLOT }, FS_IOC_SHUTDOWN, { inout: flags }]);
  program.close(BUILD_SLOT);
  letGo(program);
  unmount(program, GUEST.merged);
  unmount(program, GUEST.layers);
  mountBase(program, stack.device(), GUEST.layers);
  mountRecipe(program, stack.dataOf({}));
}

/** Remounting shrinks the dentry cache of this one mount, whatever else the machine does. */
export function dropCaches(program: ProgramBuilder): void {
  program.call('mount', [0, { input: `${GUEST.merged}\0` }, 0, MOUNT_FLAGS | MS_REMOUNT, 0]);
}
