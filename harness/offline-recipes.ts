import type { Step } from '../model/ops/index.ts';
import { basename, dirname, join } from 'node:path/posix';
import { AT_FDCWD, deviceNumber, MODE_TYPES, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { awayName } from '../model/ops/offline-replace.ts';
import type { ArgKinds } from '../model/ops/op.ts';
import { guestPath } from './guest.ts';
import { makeDir } from './guest-calls.ts';
import type { Stack } from './stack.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT, LET_GO } from './recipes.ts';

/**
 * Where in a change of a layer its calls are: all is let go, then come the unmount, the calls of
 * the change itself, and the mount.
 */
export const EDIT_RECIPE = { umount: LET_GO, from: LET_GO + 1, mount: -4 } as const;

/** The root of the layer that is changed, and where all layers are before. */
export interface EditedPlace {
  readonly root: string;
  readonly stack: Stack;
}

/** Changes of a layer that need more than one call, or a call that no template describes. */
export function runOfflineRecipe(program: ProgramBuilder, step: Step, place: EditedPlace): void {
  const { root } = place;
  switch (step.op) {
    case 'offlineMknod': {
      const { path, mode, device } = step.args;
      const type = MODE_TYPES[device.type] | mode;
      program.call('mknodat', [AT_FDCWD, inputOf(path, root), type, deviceNumber(device)]);
      return;
    }
    case 'offlineCreate': {
      const { path, mode, bytes } = step.args;
      const flags = OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_EXCL;
      writeTo(program, inputOf(path, root), { flags, mode, bytes, offset: 0 });
      return;
    }
    case 'offlineWrite': {
      const { path, offset, bytes } = step.args;
      writeTo(program, inputOf(path, root), { flags: 0, mode: 0, bytes, offset });
      return;
    }
    case 'offlineChownTree': {
      const { path, uid, gid } = step.args;
      program.chownTree(guestPath(path, root), uid, gid);
      return;
    }
    case 'offlineRemoveTree':
      program.removeTree(guestPath(step.args.path, root));
      return;
    case 'offlineCopy': {
      const { from, to, keeps } = step.args;
      program.copyTree(guestPath(from, root), guestPath(to, root), keeps);
      return;
    }
    case 'offlineReplace':
      replace(program, step.args, place);
      return;
    default:
      throw new RangeError(`no recipe for ${step.op}`);
  }
}

function replace(
  program: ProgramBuilder,
  args: Extract<Step, { op: 'offlineReplace' }>['args'],
  { root, stack }: EditedPlace,
): void {
  const { by, work } = args;
  const elsewhere = stack.movedTo(args);
  if (by === 'empty') empty(program, root);
  else if (elsewhere !== null) program.copyTree(root, elsewhere, by);
  else copyBack(program, root, by, stack.step);
  if (work === 'emptied') empty(program, stack.rootOf('work'));
}

function empty(program: ProgramBuilder, dir: string): void {
  program.removeTree(dir);
  makeDir(program, dir);
}

function copyBack(
  program: ProgramBuilder,
  root: string,
  keeps: ArgKinds['copyKeeps'],
  step: number,
): void {
  const away = join(dirname(root), awayName(basename(root), step));
  const names = [AT_FDCWD, { input: `${root}\0` }, AT_FDCWD, { input: `${away}\0` }];
  program.call('renameat2', [...names, 0]);
  program.copyTree(away, root, keeps);
}

/** The first call that fails tells, as what comes after it cannot but fail. */
function writeTo(
  program: ProgramBuilder,
  path: { readonly input: string },
  how: { readonly flags: number; readonly mode: number; readonly bytes: string; offset: number },
): void {
  const { flags, mode, bytes, offset } = how;
  const all = flags | OPEN_FLAGS.O_WRONLY | OPEN_FLAGS_ALWAYS;
  program.call('openat', [AT_FDCWD, path, all, mode], BUILD_SLOT);
  program.call('pwrite64', [{ slot: BUILD_SLOT }, { input: bytes }, bytes.length, offset]);
  program.close(BUILD_SLOT);
}

function inputOf(path: string, root: string): { readonly input: string } {
  return { input: `${guestPath(path, root)}\0` };
}
