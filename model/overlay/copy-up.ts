import { profileOf } from '../bases.ts';
import { isKept, takesNames } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { resizeContent } from '../content.ts';
import { addName, linkName, newInode, replaceName, touchCtime, touchMtime } from '../layer.ts';
import { whyNoInode, whyNoName } from '../room.ts';
import type { OvlDentry, OvlInode, RealInode } from '../state.ts';
import { copyContent, copyUpData, readToCopy, whyDataNotFound } from './copy-up-data.ts';
import { copyXattrs, whyNotCopied } from './copy-up-xattrs.ts';
import { whyDataMissing } from './data-layers.ts';
import { copyFlags, whyRealKept } from './flags.ts';
import { dataOf, hashByUpper, noteFoundBy, topOf } from './inode.ts';
import { addDirToIndex, addToIndex, needsIndex, storeNlink } from './index-dir.ts';
import { inodeOf } from './namei.ts';
import { markImpure } from './namei-layers.ts';
import { syncsAtEnd, whyCopyNotSynced } from './sync.ts';
import { whyNoDevice } from './by-mounter.ts';
import { digestForCopy, mayStayBelow } from './verity.ts';
import { isMetacopyFile, setMetacopy, setOrigin, takesMark } from './xattrs.ts';
import { noteMixedHandles } from './uuid.ts';
import { workOf } from './work-dir.ts';

/** What a call needs of the copy: without metacopy it always gets the data. */
interface Wish {
  readonly wantsData?: boolean;
  /** The data stays below all the same, as the file is about to be emptied. */
  readonly truncate?: boolean;
}

/** Makes the object exist in the upper layer, the directories above it first. */
export function copyUp(
  context: Context,
  dentry: OvlDentry,
  wish: Wish = {},
): Prediction<RealInode> {
  const inode = inodeOf(dentry);
  noteFoundBy(context, inode);
  const missing = whyDataMissing(context, inode);
  if (missing !== null) return missing;
  const made = copyUpName(context, dentry, wish);
  const isDone = wish.wantsData !== true || inode.type !== 'file' || inode.hasUpperData;
  return isDone || !made.ok ? made : copyUpData(context, inode, made.value, wish);
}

function copyUpName(context: Context, dentry: OvlDentry, wish: Wish): Prediction<RealInode> {
  const inode = inodeOf(dentry);
  if (inode.upper !== null && dentry.hasUpperAlias) return succeed(inode.upper);
  if (dentry.isDisconnected) return copyUpDisconnected(context, inode, wish);
  const { parent } = dentry;
  if (parent === null) throw new Error('the root of an overlay has an upper');
  context.rule('copy-up/parents-first');
  const made = copyUp(context, parent);
  if (!made.ok) return made;
  const dir = made.value;
  if (inode.upper === null) {
    const { overlay } = context.world;
    if (overlay.index !== null) noteMixedHandles(context, 'index/of-several-without-uuid');
    const isLinked = needsIndex(overlay, inode) && inode.type !== 'dir';
    if (!isLinked) return copyUpOne(context, dentry, inode, dir, wish);
    const copied = copyUpToIndex(context, inode, wish);
    if (!copied.ok) return copied;
  }
  return linkUp(context, dentry, inode, dir);
}

/** Makes the inode have an upper object, by whatever name that is known. */
export function copyUpInode(context: Context, dentry: OvlDentry): Prediction<RealInode> {
  const { upper } = inodeOf(dentry);
  return upper === null ? copyUp(context, dentry) : succeed(upper);
}

/** What was opened by a handle has no name to be copied up to. */
function copyUpDisconnected(context: Context, inode: OvlInode, wish: Wish): Prediction<RealInode> {
  if (inode.upper !== null) return succeed(inode.upper);
  context.rule('index/copy-up-without-name');
  return copyUpToIndex(context, inode, wish);
}

/** The copy of a lower hard link goes to the index, for all its names. */
function copyUpToIndex(context: Context, inode: OvlInode, wish: Wish): Prediction<RealInode> {
  const { fs, overlay } = context.world;
  const { index } = overlay;
  const lower = topOf(inode);
  const notMade = whyNoDevice(context, inode) ?? whyNoInode(context, lower);
  if (notMade !== null) return notMade;
  if (index === null) throw new Error('no index to copy up to');
  if (inode.type !== 'file') touchMtime(fs, index);
  const why = whyNoCopy(context, inode, wish);
  if (why !== null) return why;
  const copied = copyOf(context, inode, wish, { hasOrigin: true });
  if (!copied.ok) return copied;
  const upper = copied.value;
  addToIndex(context, index, lower, upper);
  touchCtime(fs, upper);
  inode.upper = upper;
  inode.hasUpperData = !isMetacopyFile(context.world.overlay.marks, upper);
  inode.isIndexed = true;
  return storeNlink(context, inode) ?? succeed(upper);
}

/** Gives the copy in the index the name by which it was asked for. */
function linkUp(
  context: Context,
  dentry: OvlDentry,
  inode: OvlInode,
  dir: RealInode,
): Prediction<RealInode> {
  const { upper } = inode;
  const { parent } = dentry;
  if (upper === null || parent === null) throw new Error('nothing to link to a name');
  const why =
    markImpure(context, inodeOf(parent)) ??
    whyRealKept(context, isKept(upper)) ??
    storeNlink(context, inode, 'L');
  if (why !== null) return why;
  if (dir.nlink === 0) return fail('ENOENT');
  if (dir.entries.has(dentry.name)) return fail('EEXIST');
  const notNamed = whyRealKept(context, !takesNames(dir));
  if (notNamed !== null) return notNamed;
  // Its last name went, while another name stood for it.
  if (upper.nlink === 0) return fail('ENOENT');
  const noRoom = whyNoName(context, upper);
  if (noRoom !== null) return noRoom;
  context.rule('index/name-linked');
  const { atime, mtime } = dir;
  linkName(context.world.fs, dir, dentry.name, upper);
  dir.atime = atime;
  dir.mtime = mtime;
  dentry.hasUpperAlias = true;
  return storeNlink(context, inode) ?? succeed(upper);
}

function copyUpOne(
  context: Context,
  dentry: OvlDentry,
  inode: OvlInode,
  dir: RealInode,
  wish: Wish,
): Prediction<RealInode> {
  const {
    world: { fs, overlay },
    rule,
  } = context;
  const { parent } = dentry;
  if (parent === null) throw new Error('the root of an overlay has an upper');
  const unmarked = markImpure(context, inodeOf(parent));
  if (unmarked !== null) return unmarked;
  const isNamed = inode.type !== 'file';
  const isRemoved = dir.nlink === 0;
  const makesCopy = context.semantics.behaviour.copyUpIntoRemovedDir === 'makes a copy';
  if (isRemoved) rule('copy-up/removed-parent');
  // Regular files come in as unnamed files; all others are made under a name in the work directory.
  if (isNamed && isRemoved && !makesCopy) return fail('EIO');
  const notMade = whyNoDevice(context, inode) ?? whyNoInode(context, topOf(inode));
  if (notMade !== null) return notMade;
  if (isNamed) touchMtime(fs, workOf(overlay));
  const why = whyNoCopy(context, inode, wish);
  if (why !== null) return why;
  // What has a name in the work directory by now has got no attributes yet.
  if (isRemoved && isNamed) return fail('EIO');
  const lower = topOf(inode);
  const hasOrigin = lower.type === 'dir' || lower.nlink === 1;
  const copied = copyOf(context, inode, wish, { hasOrigin });
  if (!copied.ok) return copied;
  const upper = copied.value;
  if (isRemoved) {
    upper.nlink = 0;
    return fail('ENOENT');
  }
  const { atime, mtime } = dir;
  const isInIndex = overlay.index !== null && needsIndex(overlay, inode);
  if (isInIndex) addDirToIndex(context, overlay.index, lower, upper);
  const taken = dir.entries.get(dentry.name);
  const notNamed =
    (taken === undefined ? null : whyNotOver(context, inode, taken)) ??
    whyRealKept(context, !takesNames(dir));
  if (notNamed !== null) {
    // What it has in the index names nothing any more.
    upper.nlink = 0;
    if (isInIndex) rule('index/entry-outlives-copy');
    return notNamed;
  }
  if (taken !== undefined) {
    rule(inode.type === 'dir' ? 'copy-up/replaces-directory' : 'copy-up/replaces-name');
    replaceName(fs, dir, dentry.name);
  }
  if (isInIndex) inode.isIndexed = true;
  rule(inode.type === 'dir' ? 'copy-up/directory' : 'copy-up/file');
  addName(fs, dir, dentry.name, upper);
  if (isNamed) touchMtime(fs, workOf(overlay));
  touchCtime(fs, upper);
  dir.atime = atime;
  dir.mtime = mtime;
  inode.upper = upper;
  inode.hasUpperData = !isMetacopyFile(context.world.overlay.marks, upper);
  if (inode.type === 'dir') inode.mayHoldWhiteouts = true;
  hashByUpper(overlay, inode);
  dentry.hasUpperAlias = true;
  return succeed(upper);
}

/** Data that cannot be read. */
function whyNoCopy(context: Context, inode: OvlInode, wish: Wish): Failure | null {
  if (inode.type !== 'file' || isMetadataOnly(context, inode, wish)) return null;
  const noData = whyDataNotFound(context, inode, wish);
  if (noData !== null) return noData;
  const { length } = topOf(inode).content;
  return wish.truncate === true ? null : readToCopy(context, dataOf(inode), length);
}

function isMetadataOnly(context: Context, inode: OvlInode, wish: Wish): boolean {
  const { metacopy } = context.world.overlay.config;
  const mayBe = metacopy && inode.type === 'file' && wish.wantsData !== true;
  return mayBe && mayStayBelow(context, inode);
}

/** A file is linked to its name, which must be free; all else is renamed over it. */
function whyNotOver(
  { semantics, rule }: Context,
  { type }: OvlInode,
  taken: RealInode,
): Failure | null {
  const isEmpty = taken.type === 'dir' && taken.entries.size === 0;
  const isRenamed = semantics.behaviour.copyUpOverTakenName === 'as rename(2)' && type !== 'file';
  if (isRenamed && (type === 'dir' ? isEmpty : taken.type !== 'dir')) return null;
  rule('copy-up/name-taken');
  if (!isRenamed) return fail('EEXIST');
  if (type !== 'dir') return fail('EISDIR');
  return fail(taken.type === 'dir' ? profileOf(taken).renameOverFull : 'ENOTDIR');
}

/** A copy with the lower object's attributes, times and xattrs, and its data if need be. */
function copyOf(
  context: Context,
  inode: OvlInode,
  wish: Wish,
  { hasOrigin }: { readonly hasOrigin: boolean },
): Prediction<RealInode> {
  const { world, rule } = context;
  const { fs, overlay } = world;
  const { marks } = overlay;
  const { truncate = false } = wish;
  const lower = topOf(inode);
  const upper = newInode(fs, lower);
  const hasNoData = isMetadataOnly(context, inode, wish);
  if (!hasNoData && !truncate) {
    const copied = copyContent(context, dataOf(inode), lower.content.length, upper);
    if (!copied.ok) return copied;
  }
  const isSyncedLate = syncsAtEnd(context);
  const isSyncedNow = !hasNoData && !truncate && !isSyncedLate;
  const unsynced = isSyncedNow ? whyCopyNotSynced(context, upper) : null;
  if (unsynced !== null) return unsynced;
  // Zeros behind the end of the last page are written anew.
  if (!truncate) resizeContent(upper, lower.content.length);
  const notCopied = whyNotCopied(context, lower);
  if (notCopied !== null) return notCopied;
  copyXattrs(context, lower, upper);
  const unflagged = copyFlags(context, inode, lower, upper);
  if (unflagged !== null) return unflagged;
  if (hasOrigin) {
    if (takesMark(marks, upper)) rule('copy-up/origin');
    else if (marks.isWritable) rule('userxattr/not-of-all-types');
    setOrigin(context, upper, lower);
  } else {
    rule('copy-up/hardlink-broken');
  }
  if (hasNoData) {
    rule('metacopy/copy-up');
    setMetacopy(world, upper, digestForCopy(context, inode));
  }
  upper.atime = lower.atime;
  upper.mtime = lower.mtime;
  const isOpened = upper.type === 'file' || upper.type === 'dir';
  const notLate = isSyncedLate && isOpened ? whyCopyNotSynced(context, upper) : null;
  return notLate ?? succeed(upper);
}
