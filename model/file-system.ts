import type { BaseType } from './bases.ts';
import { fsOfIno } from './ino.ts';
import { isGuarded, isKept } from './file-flags.ts';
import { newInode } from './layer.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealFs, RealInode } from './state.ts';

/** A file system with an empty root: the first one, or one beside it. */
export function newFs(
  semantics: Semantics,
  base: BaseType = 'tmpfs',
  first?: RealFs,
  index = 0,
): RealFs {
  const byIno = first?.byIno ?? new Map<number, RealInode>();
  const mounts = new Map<RealInode, RealFs>();
  const empty = {
    base,
    semantics,
    index,
    inodes: 0,
    now: 0,
    byIno,
    mounts,
    faults: null,
    full: null,
    ...{ spareInodes: 0, sparePages: 0 },
    whiteout: null,
  };
  const root = newInode(empty, { type: 'dir', mode: 0o755, uid: 0, gid: 0 });
  root.nlink = 2;
  return { ...empty, root };
}

/** The file system that an inode is on, of the first one and those mounted on it. */
export function fsOf(first: RealFs, { ino }: RealInode): RealFs {
  const index = fsOfIno(ino);
  const fs = [first, ...first.mounts.values()].find((each) => each.index === index) ?? first;
  fs.now = first.now;
  return fs;
}

/** Whether owner, mode and xattrs change: not those of the one whiteout of a file system. */
export function takesAttributes(first: RealFs, inode: RealInode): boolean {
  return !isKept(inode) && inode !== fsOf(first, inode).whiteout;
}

/** The same for chown(2), which some file systems refuse even if it changes nothing. */
export function takesOwner(first: RealFs, inode: RealInode, uid: number, gid: number): boolean {
  if (uid !== -1 || gid !== -1) return takesAttributes(first, inode);
  return !isGuarded(inode);
}
