import { MAPPED_IDS } from '../model/mounter.ts';
import type { Mounter } from '../model/mounter.ts';
import { USERS } from '../model/users.ts';
import { AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH, OPEN_TREE_CLONE } from './constants.ts';
import { MOUNT_FLAGS } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** A mount on its way to where all look. */
export const TREE_SLOT = 62;

/** An overlay that root of a user namespace mounts. Of all the calls only one tells of it. */
export function mountApart(
  program: ProgramBuilder,
  data: string,
  where: string,
  mounter: Mounter,
): void {
  const type = { input: 'overlay\0' };
  const place = { input: `${where}\0` };
  const { uid, gid } = USERS[mounter.as];
  program.apart({ uidMap: swapText(uid), gidMap: swapText(gid) }, () => {
    program.makeAside(() => {
      program.call('setresgid', [0, 0, 0]);
      program.call('setresuid', [0, 0, 0]);
    });
    program.call('mount', [type, place, type, MOUNT_FLAGS, { input: `${data}\0` }]);
    // Where nothing was mounted it is the directory, which then hides itself.
    takeTree(program, where);
  });
  putTree(program, where);
}

/** What is mounted at a place, or the directory there, as a mount that is nowhere yet. */
export function takeTree(program: ProgramBuilder, where: string): void {
  program.makeAside(() => {
    program.call('open_tree', [AT_FDCWD, { input: `${where}\0` }, OPEN_TREE_CLONE], TREE_SLOT);
  });
}

/** Mounts at a place what was taken. */
export function putTree(program: ProgramBuilder, where: string): void {
  program.makeAside(() => {
    const ends = [{ slot: TREE_SLOT }, { input: '\0' }, AT_FDCWD, { input: `${where}\0` }];
    program.call('move_mount', [...ends, MOVE_MOUNT_F_EMPTY_PATH]);
    program.close(TREE_SLOT);
  });
}

/** An id and root change places. Ranges of ids: the first inside, the first outside, how many. */
export function swapText(id: number): string {
  if (id === 0) return `0 0 ${MAPPED_IDS}`;
  const below = id > 1 ? [`1 1 ${id - 1}`] : [];
  const above = `${id + 1} ${id + 1} ${MAPPED_IDS - id - 1}`;
  // Root of the inside, and what is in its place.
  return [`0 ${id} 1`, ...below, `${id} 0 1`, above].join('\n');
}
