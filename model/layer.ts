import { profileOf } from './bases.ts';
import { dirty } from './faults.ts';
import { inoOn } from './ino.ts';
import { noteLastLook } from './last-look.ts';
import { Content } from './sparse.ts';
import type { DeviceNumber, FileType, RealFs, RealInode } from './state.ts';
import type { XattrValue } from './observation.ts';
import type { Errno } from './errno.ts';

/**
 * A plain tmpfs: the directory tree that the layers are made of. It knows nothing of overlayfs,
 * checks no permission and refuses nothing. Every change takes its time stamps from `fs.now`.
 */

export interface NewInode {
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly target?: string;
  readonly rdev?: DeviceNumber;
}

const NO_DEVICE: DeviceNumber = { major: 0, minor: 0 };
const NO_FLAGS: ReadonlySet<never> = new Set();

/** An inode without a name: link count 0, or 1 for the `.` of a directory. */
export function newInode(fs: Omit<RealFs, 'root'>, init: NewInode): RealInode {
  const { type, rdev = NO_DEVICE } = init;
  const isOnlyOne = fs.semantics.behaviour.whiteoutObject === 'one that nothing changes';
  if (!isOnlyOne || !isWhiteout({ type, rdev })) return freshInode(fs, init);
  fs.whiteout ??= freshInode(fs, { type, mode: 0, uid: 0, gid: 0 });
  return fs.whiteout;
}

function freshInode(fs: Omit<RealFs, 'root'>, init: NewInode): RealInode {
  useSpareInode(fs);
  const inode: RealInode = {
    ino: inoOn(fs.index, ++fs.inodes),
    base: fs.base,
    type: init.type,
    mode: init.mode,
    uid: init.uid,
    gid: init.gid,
    nlink: init.type === 'dir' ? 1 : 0,
    atime: fs.now,
    mtime: fs.now,
    ctime: fs.now,
    btime: fs.now,
    flags: NO_FLAGS,
    xattrs: new Map(),
    entries: new Map(),
    content: Content.EMPTY,
    tail: '',
    zeroesTail: profileOf(fs).zeroesTails(fs.semantics),
    pages: new Set(),
    unwritten: new Set(),
    foundHoles: new Set(),
    dirtyPages: fs.faults === null ? null : new Set(),
    sharesBlocks: false,
    hasReserved: init.type === 'dir' && profileOf(fs).showsLogOfDirs(fs.semantics),
    hasRoom: false,
    verityDigest: null,
    wasReplaced: false,
    target: init.target ?? '',
    rdev: init.rdev ?? NO_DEVICE,
    parent: null,
    version: 0,
  };
  fs.byIno.set(inode.ino, inode);
  return inode;
}

/** Notes a change of an inode that changes no time stamp but perhaps ctime. */
export function touchCtime(fs: RealFs, inode: RealInode): void {
  inode.ctime = fs.now;
  inode.version++;
}

export function touchMtime(fs: RealFs, inode: RealInode): void {
  inode.mtime = fs.now;
  touchCtime(fs, inode);
}

/** Whether it was stamped is not known: the time may be this one, or stays what it was. */
export function perhapsTouchMtime(fs: RealFs, inode: RealInode): void {
  const { mtime, ctime } = inode;
  touchMtime(fs, inode);
  inode.mtime = { either: [mtime, inode.mtime] };
  inode.ctime = { either: [ctime, inode.ctime] };
}

/** Names in the order in which they are listed, where that can be known. */
export function listed(dir: RealInode): readonly (readonly [string, RealInode])[] {
  const made = [...dir.entries];
  const { listsFirst } = profileOf(dir);
  if (listsFirst === 'lowest') return made.sort(([a], [b]) => (a < b ? -1 : 1));
  return listsFirst === 'newest' ? made.reverse() : made;
}

/** Gives an inode a name in a directory that does not have it. */
export function addName(fs: RealFs, dir: RealInode, name: string, inode: RealInode): void {
  dir.entries.set(name, inode);
  dirty(dir, 0);
  inode.nlink++;
  if (inode.type === 'dir') {
    dir.nlink++;
    inode.parent = dir;
  }
  touchMtime(fs, dir);
}

/** link(2): a further name. */
export function linkName(fs: RealFs, dir: RealInode, name: string, inode: RealInode): void {
  if (inode.nlink > 0) useSpareInode(fs);
  addName(fs, dir, name, inode);
  touchCtime(fs, inode);
}

function useSpareInode(fs: Omit<RealFs, 'root'>): void {
  if (fs.spareInodes > 0) fs.spareInodes--;
}

/** Takes a name away; a directory loses its `.` with its name. */
export function removeName(fs: RealFs, dir: RealInode, name: string): RealInode {
  const inode = entryOf(dir, name);
  dir.entries.delete(name);
  dirty(dir, 0);
  inode.nlink--;
  if (inode.type === 'dir') {
    inode.nlink--;
    dir.nlink--;
  }
  if (fs.full === 'inodes' && inode.type !== 'dir' && inode.nlink > 0) fs.spareInodes++;
  if (inode.nlink === 0) noteLastLook(inode, fs.semantics);
  touchCtime(fs, inode);
  touchMtime(fs, dir);
  return inode;
}

/** Takes away a name that another object gets at once. */
export function replaceName(fs: RealFs, dir: RealInode, name: string): void {
  removeName(fs, dir, name).wasReplaced = true;
}

/** rename(2) over whatever has the new name. */
export function moveName(
  fs: RealFs,
  from: RealInode,
  name: string,
  to: RealInode,
  newName: string,
): void {
  const inode = entryOf(from, name);
  if (to.entries.has(newName)) replaceName(fs, to, newName);
  from.entries.delete(name);
  to.entries.set(newName, inode);
  for (const dir of [from, to]) dirty(dir, 0);
  if (inode.type === 'dir') {
    from.nlink--;
    to.nlink++;
    inode.parent = to;
  }
  touchMtime(fs, from);
  touchMtime(fs, to);
  touchCtime(fs, inode);
}

/** rename(2) with RENAME_EXCHANGE. */
export function exchangeNames(
  fs: RealFs,
  from: RealInode,
  name: string,
  to: RealInode,
  newName: string,
): void {
  const a = entryOf(from, name);
  const b = entryOf(to, newName);
  from.entries.set(name, b);
  to.entries.set(newName, a);
  for (const dir of [from, to]) dirty(dir, 0);
  const moved = (a.type === 'dir' ? 1 : 0) - (b.type === 'dir' ? 1 : 0);
  from.nlink -= moved;
  to.nlink += moved;
  if (a.type === 'dir') a.parent = to;
  if (b.type === 'dir') b.parent = from;
  touchMtime(fs, from);
  touchMtime(fs, to);
  stampExchanged(fs, [a, b], from !== to);
}

function stampExchanged(fs: RealFs, both: readonly RealInode[], isAcross: boolean): void {
  const hasMovedDir = isAcross && both.some(({ type }) => type === 'dir');
  for (const inode of both) {
    const stampsAll = profileOf(inode).stampsExchanged === 'all';
    if (!stampsAll && hasMovedDir && inode.type === 'dir') touchMtime(fs, inode);
    else if (stampsAll || hasMovedDir) touchCtime(fs, inode);
  }
}

const CAPABILITY_BYTES_MIN = 12;

/** A capability too short is kept, but the kernel makes no sense of it when it reads it. */
export function xattrAsKept(name: string, value: string): XattrValue {
  const isShort = value.length < CAPABILITY_BYTES_MIN;
  return isShort && name === 'security.capability' ? { unreadable: 'EINVAL' } : value;
}

export function isUnreadable(
  value: XattrValue | undefined,
): value is Extract<XattrValue, { unreadable: Errno }> {
  return typeof value === 'object' && 'unreadable' in value;
}

export function setXattr(fs: RealFs, inode: RealInode, name: string, value: XattrValue): void {
  // The value that is there already need not be written again.
  const isSame = !profileOf(inode).stampsSameXattr && inode.xattrs.get(name) === value;
  inode.xattrs.set(name, value);
  if (!isSame) touchXattrs(fs, inode);
}

export function removeXattr(fs: RealFs, inode: RealInode, name: string): void {
  inode.xattrs.delete(name);
  touchXattrs(fs, inode);
}

function touchXattrs(fs: RealFs, inode: RealInode): void {
  if (profileOf(inode).stampsXattrs(fs.semantics)) touchCtime(fs, inode);
  else inode.version++;
}

/** Whether a directory is another one, or somewhere in it. */
export function isAtOrBelow(dir: RealInode, above: RealInode | null): boolean {
  for (let at: RealInode | null = dir; at !== null; at = at.parent) if (at === above) return true;
  return false;
}

export function isWhiteout(inode: Pick<RealInode, 'type' | 'rdev'> | undefined): boolean {
  return inode?.type === 'chr' && inode.rdev.major === 0 && inode.rdev.minor === 0;
}

function entryOf(dir: RealInode, name: string): RealInode {
  const inode = dir.entries.get(name);
  if (inode === undefined) throw new Error(`no entry ${name}: the model is wrong`);
  return inode;
}
