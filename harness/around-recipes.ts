import type { Step } from '../model/ops/index.ts';
import { BESIDE } from '../model/overlay/beside.ts';
import { BENEATH_MODE, beneathPath } from '../model/ops/change-beneath.ts';
import { BESIDE_BYTES, BESIDE_MODE } from '../model/ops/mount-beside.ts';
import {
  AT_FDCWD,
  AT_FLAGS,
  MODE_TYPES,
  MS_RDONLY,
  MS_REMOUNT,
  OPEN_FLAGS,
  OPEN_FLAGS_ALWAYS,
} from './constants.ts';
import { GUEST, guestPath } from './guest.ts';
import { makeDir, MOUNT_FLAGS, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT, letGo, mountCall, mountRecipe, readMountinfo } from './recipes.ts';
import type { Stack } from './stack.ts';

/**
 * Where in a mount beside this one the calls are that tell: three directories are made, then come
 * the mount, the calls of the change, and the unmount.
 */
export const BESIDE_RECIPE = { mount: 3, from: 4, umount: -1 } as const;
/** The same where this one is mounted again, seen from the end. */
export const BUSY_RECIPE = { busy: -7 } as const;
/** And where the change of the upper layer is, and the call that comes upon it. */
export const BENEATH_RECIPE = { change: -7, call: -6 } as const;

const AT_REMOVEDIR = 0x200;

type AroundStep = Extract<
  Step,
  {
    op:
      | ('remount' | 'rotate' | 'mountWith')
      | ('mountOther' | 'mountBeside' | 'mountBusy' | 'changeBeneath' | 'reconfigure');
  }
>;

/** Steps that mount: anew, in another way, or another overlay beside the one that is there. */
export function runAroundRecipe(program: ProgramBuilder, step: AroundStep, stack: Stack): void {
  switch (step.op) {
    case 'remount':
    case 'mountWith':
      if (step.op === 'mountWith') stack.mountWith(step.args.options);
      letGo(program);
      unmount(program, GUEST.merged);
      mountRecipe(program, stack.dataOf({}));
      return;
    case 'rotate':
      letGo(program);
      unmount(program, GUEST.merged);
      for (const dir of stack.rotate()) makeDir(program, dir);
      mountRecipe(program, stack.dataOf({}));
      return;
    case 'mountOther': {
      letGo(program);
      unmount(program, GUEST.merged);
      const { options, lowers } = step.args;
      mountCall(program, stack.dataOf({ options, isReversed: lowers === 'reversed' }));
      unmount(program, GUEST.merged);
      mountRecipe(program, stack.dataOf({}));
      return;
    }
    case 'mountBeside':
      makeOwnLayers(program);
      mountCall(program, stack.besideOf({ options: step.args.options }), GUEST.beside);
      changeBeside(program, step.args);
      unmount(program, GUEST.beside);
      return;
    case 'mountBusy':
      letGo(program);
      makeOwnLayers(program);
      mountCall(program, stack.besideOf(step.args), GUEST.beside);
      unmount(program, GUEST.beside);
      unmount(program, GUEST.merged);
      mountRecipe(program, stack.dataOf({}));
      return;
    case 'changeBeneath':
      letGo(program);
      changeBeneath(program, step.args, stack.rootOf('upper'));
      unmount(program, GUEST.merged);
      mountRecipe(program, stack.dataOf({}));
      return;
    case 'reconfigure': {
      const { access, options } = step.args;
      const flags = MOUNT_FLAGS | MS_REMOUNT | (access === 'ro' ? MS_RDONLY : 0);
      const data = options === '' ? 0 : { input: `${options}\0` };
      program.call('mount', [0, { input: `${GUEST.merged}\0` }, 0, flags, data]);
      readMountinfo(program);
    }
  }
}

/** First the overlay looks at the name, so that it knows what there was. */
function changeBeneath(
  program: ProgramBuilder,
  { path, change, call }: Extract<Step, { op: 'changeBeneath' }>['args'],
  upper: string,
): void {
  const name = { input: `${guestPath(path)}\0` };
  const beneath = { input: `${guestPath(path, upper)}\0` };
  const fifo = MODE_TYPES.fifo | BENEATH_MODE;
  program.call('faccessat2', [AT_FDCWD, name, 0, AT_FLAGS.AT_SYMLINK_NOFOLLOW]);
  if (change === 'unlink') program.call('unlinkat', [AT_FDCWD, beneath, 0]);
  else program.call('mknodat', [AT_FDCWD, beneath, fifo, 0]);
  switch (call) {
    case 'unlink':
      program.call('unlinkat', [AT_FDCWD, name, 0]);
      return;
    case 'mkdir':
      program.call('mkdirat', [AT_FDCWD, name, BENEATH_MODE]);
      return;
    case 'mkfifo':
      program.call('mknodat', [AT_FDCWD, name, fifo, 0]);
      return;
    case 'rename': {
      const to = { input: `${guestPath(beneathPath(path))}\0` };
      program.call('renameat2', [AT_FDCWD, name, AT_FDCWD, to, 0]);
    }
  }
}

/** The layers stay from the first time on, and fail to be made again. */
function makeOwnLayers(program: ProgramBuilder): void {
  for (const name of [BESIDE.upper, BESIDE.work]) makeDir(program, `${GUEST.layers}/${name}`);
  makeDir(program, GUEST.beside);
}

function changeBeside(
  program: ProgramBuilder,
  { change, path }: Extract<Step, { op: 'mountBeside' }>['args'],
): void {
  const name = { input: `${guestPath(path, GUEST.beside)}\0` };
  switch (change) {
    case 'none':
      return;
    case 'create':
    case 'write': {
      const makes = change === 'create' ? OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL : 0;
      const flags = OPEN_FLAGS.O_WRONLY | makes | OPEN_FLAGS_ALWAYS;
      program.call('openat', [AT_FDCWD, name, flags, BESIDE_MODE], BUILD_SLOT);
      const bytes = { input: BESIDE_BYTES };
      program.call('pwrite64', [{ slot: BUILD_SLOT }, bytes, BESIDE_BYTES.length, 0]);
      program.close(BUILD_SLOT);
      return;
    }
    case 'chmod':
      program.call('fchmodat', [AT_FDCWD, name, BESIDE_MODE]);
      return;
    case 'unlink':
      program.call('unlinkat', [AT_FDCWD, name, 0]);
      return;
    case 'rmdir':
      program.call('unlinkat', [AT_FDCWD, name, AT_REMOVEDIR]);
  }
}
