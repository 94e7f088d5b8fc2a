import type { Errno } from './errno.ts';
import type { FileType, RealInode } from './state.ts';

/** A merged listing, shared by all opens that found the directory at the same version. */
export interface DirCache {
  readonly dirVersion: number;
  readonly entries: readonly DirEntry[];
  /** `.` and `..` of the top most real directory, as they were when the names were gathered. */
  readonly realDotIno: number;
  readonly realDotdotIno: number | null;
  /**
   * What `..` showed when it was first asked for, which stays even if the truth moves on. It may be
   * any of several where it hangs on the order of names when that was.
   */
  dotdot: { readonly mayBe: readonly number[]; readonly isSettled: boolean };
  /** Names that could not be looked up and that no call has ended at yet: each ends one. */
  unread: Unread;
  /** In a real directory that is impure: the numbers of the names that need translation. */
  readonly translated: ReadonlyMap<string, number>;
}

export interface Unread {
  readonly calls: number;
  readonly errnos: readonly Errno[];
}

export const ALL_READ: Unread = { calls: 0, errnos: [] };

export interface DirEntry {
  readonly name: string;
  readonly type: FileType;
  /** Set later for a name that turns out to be gone. */
  isWhiteout: boolean;
  /** Looked up each time it is shown, as it may be a file that is a whiteout. */
  readonly isChecked: boolean;
  /** The top most real object that has the name. */
  readonly real: RealInode;
  readonly isUpper: boolean;
  /** The inode that d_ino is the number of; null until it is first asked for. */
  ino: number | null;
}

/** One pass of getdents over a directory, from a rewind to the end. */
export interface Listing {
  readonly id: number;
  /** Merged listings are snapshots; a real directory is read live. */
  readonly kind: 'snapshot' | 'live' | 'unknown';
  readonly dirVersion: number;
  readonly entries: readonly DirEntry[];
  /** `.` and `..` of the real directory that is read, which copy-up does not change. */
  readonly realDotIno: number;
  readonly realDotdotIno: number | null;
  /** Where a snapshot comes from. */
  readonly cache: DirCache | null;
  /** How many names came already, with `.` and `..`; null where that depends on their order. */
  emitted: number | null;
}
