import { PAGE_BYTES } from './flags.ts';
import { fsOfIno } from './ino.ts';
import type { Context } from './ops/op.ts';
import { fail } from './prediction.ts';
import type { Failure } from './prediction.ts';
import type { NewInode } from './layer.ts';
import type { RealFs, RealInode } from './state.ts';

/** What a file system has no room for: pages of files, or objects, names and xattrs. */
export type Room = 'data' | 'inodes';

/** A longer target of a symlink on tmpfs takes a page. */
const TMPFS_INLINE_SYMLINK_BYTES = 127;

/**
 * How far a range of a file can be stored, or read by who allocates holes for it: to its end, or to
 * the first page that is not there and finds no room.
 */
export function endOfRoom(fs: RealFs, real: RealInode, from: number, to: number): number {
  if (fs.full !== 'data' || fsOfIno(real.ino) !== fs.index) return to;
  let spare = fs.sparePages;
  for (let page = Math.floor(from / PAGE_BYTES); page * PAGE_BYTES < to; page++) {
    if (!real.pages.has(page) && spare-- <= 0) return Math.max(from, page * PAGE_BYTES);
  }
  return to;
}

/** Whether a page of a file is there, or can be. */
export function hasRoomFor(fs: RealFs, real: RealInode, page: number): boolean {
  const at = page * PAGE_BYTES;
  return endOfRoom(fs, real, at, at + 1) > at;
}

/** Of a step, what says whether there is room. */
type Asking = Pick<Context, 'rule'> & { readonly world: { readonly fs: RealFs } };

/** Why there can be no new object. */
export function whyNoInode(
  asking: Asking,
  { type, target = '' }: Pick<NewInode, 'type' | 'target'>,
): Failure | null {
  const { fs } = asking.world;
  const needsPage = type === 'symlink' && target.length > TMPFS_INLINE_SYMLINK_BYTES;
  const isFull = (fs.full === 'data' && needsPage) || hasNoInodes(fs);
  return isFull ? noRoom(asking) : null;
}

/** Each further name takes the room of an inode. */
export function whyNoName(asking: Asking, { nlink }: RealInode): Failure | null {
  return nlink > 0 && hasNoInodes(asking.world.fs) ? noRoom(asking) : null;
}

/** Where xattrs are counted they share the room of inodes. */
export function whyNoXattr(asking: Asking): Failure | null {
  const { fs } = asking.world;
  const isCounted = fs.semantics.behaviour.tmpfsXattrRoom === 'of inodes';
  return fs.full === 'inodes' && isCounted ? noRoom(asking) : null;
}

function hasNoInodes({ full, spareInodes }: RealFs): boolean {
  return full === 'inodes' && spareInodes === 0;
}

function noRoom({ rule }: Asking): Failure {
  rule('room/none-left');
  return fail('ENOSPC');
}
