import { BASE_PROFILES } from '../model/bases.ts';
import { PAGE_BYTES } from '../model/flags.ts';
import { needsRoom } from '../model/needs-room.ts';
import type { Step } from '../model/ops/index.ts';
import type { Room } from '../model/room.ts';
import { AT_FDCWD, MS_REMOUNT, OPEN_FLAGS } from './constants.ts';
import { GUEST } from './guest.ts';
import { BASE_BYTES, makeDir, MOUNT_FLAGS } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { Stack } from './stack.ts';

/** A file of ours takes the room. It is behind the slots of scenarios. */
const FILLER_SLOT = 55;
const FILE_MODE = 0o600;
/** Where its names are: beside the layers. */
const FOLDER = `${GUEST.base}/f`;

/** More than layers have, and not much more: what is left has to be taken. */
const SMALL: Readonly<Record<Room, string>> = { data: 'size=8m', inodes: 'nr_inodes=1024' };
const LARGE: Readonly<Record<Room, string>> = {
  data: `size=${BASE_BYTES}`,
  inodes: 'nr_inodes=65536',
};
const INODES_MAX = 1024;
/** Looking may have taken so many inodes since, and a step may have given back so many. */
const INODES_TAKEN = 16;
const INODES_GIVEN = 64;
const XATTR_BYTES_MAX = 512;

/** How far what takes the room has come. */
export interface Filling {
  readonly room: Room;
  /** Bytes of a file, or names of one. */
  taken: number;
  xattrs: number;
}

/** What takes room from now on: none is taken before the next step. */
export function runRoomRecipe(
  program: ProgramBuilder,
  step: Extract<Step, { op: 'fillUp' | 'makeRoom' }>,
  stack: Stack,
): void {
  makeRoom(program, stack);
  if (step.op === 'makeRoom' || !BASE_PROFILES[stack.base].isInMemory) return;
  makeDir(program, FOLDER);
  const flags = OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_RDWR;
  program.call('openat', [AT_FDCWD, { input: `${FOLDER}/f\0` }, flags, FILE_MODE], FILLER_SLOT);
  stack.filling = { room: step.args.room, taken: 0, xattrs: 0 };
}

function makeRoom(program: ProgramBuilder, stack: Stack): void {
  if (stack.filling === null) return;
  stack.filling = null;
  program.removeTree(FOLDER);
  program.close(FILLER_SLOT);
}

/**
 * Before a step that is to find no room: takes all that there is, and says whether. The last call
 * of it has to fail.
 */
export function takeRoom(program: ProgramBuilder, { op }: Step, stack: Stack): boolean {
  if (needsRoom(op)) makeRoom(program, stack);
  const { filling } = stack;
  if (filling === null || op === 'fillUp' || op === 'makeRoom') return false;
  if (filling.room === 'data') takePages(program, filling);
  else takeInodes(program, filling);
  return true;
}

/** Half of what there may be, half of the rest, and so on. */
function takePages(program: ProgramBuilder, filling: Filling): void {
  limit(program, SMALL.data);
  const sizes = [PAGE_BYTES];
  for (let bytes = PAGE_BYTES; bytes < BASE_BYTES; bytes *= 2) sizes.unshift(bytes);
  for (const bytes of sizes) {
    program.call('fallocate', [{ slot: FILLER_SLOT }, 0, filling.taken, bytes]);
    filling.taken += bytes;
  }
}

/** Each link takes the room of an inode, and what is left of that is taken by xattrs. */
function takeInodes(program: ProgramBuilder, filling: Filling): void {
  const isFirst = filling.taken === 0;
  for (let index = 0; index < INODES_TAKEN && !isFirst; index++) {
    program.call('unlinkat', [AT_FDCWD, { input: `${FOLDER}/${index}\0` }, 0]);
  }
  limit(program, SMALL.inodes);
  for (let index = 0; index < INODES_TAKEN && !isFirst; index++) link(program, index);
  const end = filling.taken + (isFirst ? INODES_MAX : INODES_GIVEN);
  while (filling.taken < end) link(program, filling.taken++);
  for (let bytes = XATTR_BYTES_MAX; bytes >= 1; bytes /= 2) {
    const name = { input: `user.${filling.xattrs++}\0` };
    program.call('fsetxattr', [
      { slot: FILLER_SLOT },
      name,
      { input: '.'.repeat(bytes) },
      bytes,
      0,
    ]);
  }
  link(program, filling.taken++);
}

function link(program: ProgramBuilder, index: number): void {
  const name = { input: `${FOLDER}/${index}\0` };
  program.call('linkat', [AT_FDCWD, { input: `${FOLDER}/f\0` }, AT_FDCWD, name, 0]);
}

function limit(program: ProgramBuilder, data: string): void {
  const flags = MOUNT_FLAGS | MS_REMOUNT;
  program.call('mount', [0, { input: `${GUEST.base}\0` }, 0, flags, { input: `${data}\0` }]);
}

/** After the step: who looks at what came of it finds room. */
export function giveRoom(program: ProgramBuilder, { filling }: Stack): void {
  if (filling !== null) limit(program, LARGE[filling.room]);
}

/** Frees what fills a file system, which keeps it busy. */
export function dropFiller(program: ProgramBuilder): void {
  program.close(FILLER_SLOT);
}
