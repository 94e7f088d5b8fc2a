import { aclOf, changeModeOfAcl, inherit, storeAcl } from '../acl.ts';
import { ACCESS_ACL, DEFAULT_ACL } from '../acl-names.ts';
import { keepsXattr } from '../bases.ts';
import { inheritFlags, losesNames, takesNames } from '../file-flags.ts';
import { fsOf, takesAttributes, takesOwner } from '../file-system.ts';
import { resizeContent, seekData, writeContent } from '../content.ts';
import { noteFolios } from '../folios.ts';
import {
  addName,
  isUnreadable,
  linkName,
  listed,
  newInode,
  removeName,
  setXattr,
} from '../layer.ts';
import type { ArgKinds, Context } from '../ops/op.ts';
import { ownReal } from '../overlay/attr.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { isReadOnly } from './find.ts';

/** rm(1) with -r. What is done to trees goes on after a failure, and the first one is told. */
export function removeTree(context: Context, dir: RealInode, name: string): Failure | null {
  const inode = dir.entries.get(name);
  if (inode === undefined) return fail('ENOENT');
  const failed = removeNames(context, inode);
  if (isReadOnly(dir)) return fail('EROFS');
  if (!losesNames(dir, inode)) return failed ?? fail('EPERM');
  if (inode.entries.size > 0) return failed ?? fail('ENOTEMPTY');
  removeName(context.world.fs, dir, name);
  return failed;
}

export function removeNames(context: Context, dir: RealInode): Failure | null {
  let failed: Failure | null = null;
  for (const name of [...dir.entries.keys()]) {
    const other = removeTree(context, dir, name);
    failed ??= other;
  }
  return failed;
}

/** chown(1) with -R, which leaves symlinks where they lead. */
export function chownTree(
  context: Context,
  inode: RealInode,
  uid: number,
  gid: number,
): Failure | null {
  let failed: Failure | null = null;
  for (const name of [...inode.entries.keys()]) {
    const child = inode.entries.get(name);
    const other = child === undefined ? null : chownTree(context, child, uid, gid);
    failed ??= other;
  }
  if (isReadOnly(inode)) return fail('EROFS');
  if (!takesOwner(context.world.fs, inode, uid, gid)) return failed ?? fail('EPERM');
  ownReal(context, inode, uid, gid);
  return failed;
}

/** What a copy keeps beside content, owner, mode and times. */
type Keeps = ArgKinds['copyKeeps'];

/** Copies a tree to a free name of a directory, on the same file system or another. */
export function copyTree(
  context: Context,
  source: RealInode,
  dir: RealInode,
  name: string,
  keeps: Keeps,
): Failure | null {
  return new TreeCopy(context, keeps).copy(source, dir, name);
}

class TreeCopy {
  private readonly context: Context;
  private readonly keeps: Keeps;
  /** Copies of files with several names. */
  private readonly linked = new Map<RealInode, RealInode>();
  /** The top of the copy, which may be inside of what is copied. */
  private made: RealInode | null = null;

  constructor(context: Context, keeps: Keeps) {
    this.context = context;
    this.keeps = keeps;
  }

  copy(source: RealInode, dir: RealInode, name: string): Failure | null {
    if (source === this.made) return null;
    const { world } = this.context;
    const known = this.linked.get(source);
    if (!takesNames(dir)) return fail('EPERM');
    if (dir.entries.has(name)) return fail('EEXIST');
    if (known !== undefined) {
      linkName(world.fs, dir, name, known);
      return null;
    }
    const fs = fsOf(world.fs, dir);
    const { type, target, rdev, nlink, atime, mtime } = source;
    const isDir = type === 'dir';
    const mode = type === 'symlink' ? 0o777 : isDir ? 0o700 : 0o600;
    const inode = newInode(fs, { type, mode, uid: 0, gid: 0, target, rdev });
    inherit(dir, inode, world.umask);
    inheritFlags(dir, inode);
    addName(world.fs, dir, name, inode);
    this.made ??= isDir ? inode : null;
    if (!isDir && nlink > 1 && this.keeps.includes('links')) this.linked.set(source, inode);
    if (type === 'file') copyData(this.context, source, inode);
    // It is there, and it is not to be had with the attributes that it is to have.
    if (!takesAttributes(world.fs, inode)) return fail('EPERM');
    let failed: Failure | null = null;
    for (const [child, below] of listed(source).toReversed()) {
      const other = this.copy(below, inode, child);
      failed ??= other;
    }
    const unsettled = this.settle(source, inode);
    // As they were before the copy was made, perhaps in the very directory.
    inode.atime = atime;
    inode.mtime = mtime;
    return failed ?? unsettled;
  }

  private settle(source: RealInode, inode: RealInode): Failure | null {
    const { fs } = this.context.world;
    inode.uid = source.uid;
    inode.gid = source.gid;
    if (inode.type !== 'symlink') {
      inode.mode = source.mode;
      changeModeOfAcl(inode);
    }
    const failed = this.keeps.includes('xattrs') ? this.copyXattrs(source, inode) : null;
    inode.ctime = fs.now;
    inode.version++;
    return failed;
  }

  private copyXattrs(source: RealInode, inode: RealInode): Failure | null {
    const { world, semantics } = this.context;
    const { fs } = world;
    let failed: Failure | null = null;
    for (const [name, value] of source.xattrs) {
      if (!keepsXattr(inode, name, semantics)) failed ??= fail('EOPNOTSUPP');
      else if (name === ACCESS_ACL || name === DEFAULT_ACL) {
        storeAcl(fs, inode, name, aclOf(source, name));
      } else if (!isUnreadable(value)) setXattr(fs, inode, name, value);
    }
    return failed;
  }
}

/** Holes stay holes, and what was allocated only becomes one. */
function copyData(context: Context, source: RealInode, inode: RealInode): void {
  const size = source.content.length;
  for (let at = seekData(source, 0, 'data'); at !== null;) {
    const end = seekData(source, at, 'hole') ?? size;
    writeContent(inode, at, source.content.slice(at, end));
    noteFolios(context, inode, at, end);
    at = seekData(source, end, 'data');
  }
  // Reserved blocks count as data, and it is not known which there are.
  inode.hasReserved = source.hasReserved;
  resizeContent(inode, size);
}
