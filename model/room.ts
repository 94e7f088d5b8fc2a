import { PAGE_BYTES } from './flags.ts';
import { fsOfIno } from './ino.ts';
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
  for (let page = Math.floor(from / PAGE_BYTES); page * PAGE_BYTES < to; page++) {
    if (!real.pages.has(page)) return Math.max(from, page * PAGE_BYTES);
  }
  return to;
}

/** Whether a page of a file is there, or can be. */
export function hasRoomFor(fs: RealFs, real: RealInode, page: number): boolean {
  const at = page * PAGE_BYTES;
  return endOfRoom(fs, real, at, at + 1) > at;
}

/** Why there can be no new object. */
export function whyNoInode(
  fs: RealFs,
  { type, target = '' }: Pick<NewInode, 'type' | 'target'>,
): Failure | null {
  const needsPage = type === 'symlink' && target.length > TMPFS_INLINE_SYMLINK_BYTES;
  if (fs.full === 'data' && needsPage) return fail('ENOSPC');
  return fs.full === 'inodes' && fs.spareInodes === 0 ? fail('ENOSPC') : null;
}

/** Each further name takes the room of an inode. */
export function whyNoName(fs: RealFs, { nlink }: RealInode): Failure | null {
  return nlink > 0 && fs.full === 'inodes' && fs.spareInodes === 0 ? fail('ENOSPC') : null;
}

/** Where xattrs are counted they share the room of inodes. */
export function whyNoXattr(fs: RealFs): Failure | null {
  const isCounted = fs.semantics.behaviour.tmpfsXattrRoom === 'of inodes';
  return fs.full === 'inodes' && isCounted ? fail('ENOSPC') : null;
}
