import { profileOf } from './bases.ts';
import { inoOn } from './ino.ts';
import type { DeviceNumber, FileType, RealFs, RealInode } from './state.ts';
import type { XattrValue } from './observation.ts';
import type { Errno } from './errno.ts';
import { PAGE_BYTES } from './flags.ts';

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
    content: '',
    tail: '',
    zeroesTail: profileOf(fs).zeroesTails(fs.semantics),
    pages: new Set(),
    unwritten: new Set(),
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

/** Gives an inode a name in a directory that does not have it. */
export function addName(fs: RealFs, dir: RealInode, name: string, inode: RealInode): void {
  dir.entries.set(name, inode);
  inode.nlink++;
  if (inode.type === 'dir') {
    dir.nlink++;
    inode.parent = dir;
  }
  touchMtime(fs, dir);
}

/** link(2): a further name. */
export function linkName(fs: RealFs, dir: RealInode, name: string, inode: RealInode): void {
  addName(fs, dir, name, inode);
  touchCtime(fs, inode);
}

/** Takes a name away; a directory loses its `.` with its name. */
export function removeName(fs: RealFs, dir: RealInode, name: string): RealInode {
  const inode = entryOf(dir, name);
  dir.entries.delete(name);
  inode.nlink--;
  if (inode.type === 'dir') {
    inode.nlink--;
    dir.nlink--;
  }
  // A file without a name is not looked at any more: what it gets is not read.
  if (inode.nlink === 0 && profileOf(inode).readsMakeData) inode.unwritten.clear();
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
  const moved = (a.type === 'dir' ? 1 : 0) - (b.type === 'dir' ? 1 : 0);
  from.nlink -= moved;
  to.nlink += moved;
  if (a.type === 'dir') a.parent = to;
  if (b.type === 'dir') b.parent = from;
  touchMtime(fs, from);
  touchMtime(fs, to);
  touchCtime(fs, a);
  touchCtime(fs, b);
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
  // On a disk the value that is there already is not written again.
  const isSame = profileOf(inode).isOnDevice && inode.xattrs.get(name) === value;
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

/** Writes bytes at an offset; a gap before them reads as zeros and stays a hole. */
export function writeContent(inode: RealInode, offset: number, bytes: string): void {
  if (bytes.length === 0) return;
  const end = offset + bytes.length;
  const { content, tail } = inode;
  const isGap = offset > content.length && inode.zeroesTail;
  const all = isGap ? content : content + tail;
  setContent(
    inode,
    all.slice(0, offset).padEnd(offset, '\0') + bytes + all.slice(end),
    Math.max(content.length, end),
  );
  for (const page of pagesOf(offset, end)) {
    inode.pages.add(page);
    inode.unwritten.delete(page);
  }
  inode.version++;
}

/** Sets the size: grows by a hole, or cuts and frees the pages behind, which growing leaves. */
export function resizeContent(inode: RealInode, size: number): void {
  if (size > inode.content.length) {
    growContent(inode, size);
    return;
  }
  setContent(inode, inode.content.slice(0, size), size);
  inode.version++;
  const pages = Math.ceil(size / PAGE_BYTES);
  for (const page of inode.pages) if (page >= pages) freePage(inode, page);
}

/** What a mapping wrote behind the end comes to light where the end moves. */
export function growContent(inode: RealInode, size: number): void {
  if (size <= inode.content.length) return;
  const all = inode.content + (inode.zeroesTail ? '' : inode.tail);
  setContent(inode, all.padEnd(size, '\0'), size);
  inode.version++;
}

function setContent(inode: RealInode, all: string, size: number): void {
  inode.content = all.slice(0, size);
  inode.tail = all.slice(size);
}

/** fallocate(2): a page that was allocated and never written counts as data the second time. */
export function allocate(inode: RealInode, from: number, to: number): void {
  for (const page of pagesOf(from, to)) {
    if (!inode.pages.has(page)) inode.unwritten.add(page);
    else if (!profileOf(inode).hasRanges) inode.unwritten.delete(page);
    inode.pages.add(page);
  }
  inode.version++;
}

/** Reads as zeros from now on; pages that are wholly inside are freed. */
export function punchHole(inode: RealInode, from: number, to: number): void {
  const { content, tail } = inode;
  const all = content + tail;
  const end = Math.min(to, all.length);
  if (from < end) {
    setContent(
      inode,
      all.slice(0, from) + '\0'.repeat(end - from) + all.slice(end),
      content.length,
    );
  }
  const last = Math.floor(to / PAGE_BYTES);
  for (let page = Math.ceil(from / PAGE_BYTES); page < last; page++) freePage(inode, page);
  inode.version++;
}

/** The next offset that is data, or a hole; the end of the file is a hole. Null: there is none. */
export function seekData(inode: RealInode, from: number, wanted: 'data' | 'hole'): number | null {
  const size = inode.content.length;
  if (from < 0 || from >= size) return null;
  for (let at = from; at < size; at = nextPage(at)) {
    const page = Math.floor(at / PAGE_BYTES);
    const isRead = profileOf(inode).readsMakeData && inode.nlink > 0;
    const isWritten = isRead || !inode.unwritten.has(page);
    const isData = inode.pages.has(page) && isWritten;
    if (isData === (wanted === 'data')) return at;
  }
  return wanted === 'hole' ? size : null;
}

/** Whether a directory is another one, or somewhere in it. */
export function isAtOrBelow(dir: RealInode, above: RealInode | null): boolean {
  for (let at: RealInode | null = dir; at !== null; at = at.parent) if (at === above) return true;
  return false;
}

function nextPage(at: number): number {
  return (Math.floor(at / PAGE_BYTES) + 1) * PAGE_BYTES;
}

function freePage(inode: RealInode, page: number): void {
  inode.pages.delete(page);
  inode.unwritten.delete(page);
}

function* pagesOf(from: number, to: number): Generator<number> {
  const last = Math.floor((to - 1) / PAGE_BYTES);
  for (let page = Math.floor(from / PAGE_BYTES); page <= last; page++) yield page;
}

export function isWhiteout(inode: RealInode | undefined): boolean {
  return inode?.type === 'chr' && inode.rdev.major === 0 && inode.rdev.minor === 0;
}

function entryOf(dir: RealInode, name: string): RealInode {
  const inode = dir.entries.get(name);
  if (inode === undefined) throw new Error(`no entry ${name}: the model is wrong`);
  return inode;
}
