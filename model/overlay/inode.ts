import { profileOf } from '../bases.ts';
import { shownFlags } from '../file-flags.ts';
import { flagsOf, protectionOf } from './flags.ts';
import { fsOfIno, inoOn, inoWithFsid, OVERLAY_FS } from '../ino.ts';
import type { Context } from '../ops/op.ts';
import type { StatView } from '../observation.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RuleId } from '../rules.ts';
import type { OvlDentry, OvlInode, Overlay, RealInode, World } from '../state.ts';
import { blocksForSize, blocksOf, namesInSizeOf, nlinkShown, sizeOf } from '../sizes.ts';
import { isHeld } from './alias.ts';
import { unionNlink } from './index-dir.ts';
import type { Found } from './namei-layers.ts';
import { hasImpure, hasOrigin } from './xattrs.ts';

/** The real object that lends type, mode, owner, size, times and xattrs. */
export function topOf(inode: OvlInode): RealInode {
  const top = inode.upper ?? inode.lowers[0];
  if (top === undefined) throw new Error('an overlay inode without a real one');
  return top;
}

/**
 * The real file whose data is read: further down than the attributes after a metadata copy-up. In a
 * data-only layer it must have been found before.
 */
export function dataOf(inode: OvlInode): RealInode {
  const below = inode.lazyData === null ? inode.lowers.at(-1) : inode.lazyData.found;
  const data = inode.hasUpperData ? inode.upper : below;
  return data ?? topOf(inode);
}

/** Whatever comes of its data has a part in what is predicted. */
export function noteFoundBy({ rule }: Context, { foundBy }: OvlInode): void {
  if (foundBy !== undefined) rule(foundBy);
}

/** What a listing shows from now on, of a directory on a file system that notes it. */
export function namesNow(inode: OvlInode): ReadonlyMap<string, RealInode> | null {
  const top = topOf(inode);
  return inode.type === 'dir' && profileOf(top).listsOpenTime ? new Map(top.entries) : null;
}

/** A file whose attributes and data are not from the same layer. */
export function isMetacopy(inode: OvlInode): boolean {
  return inode.type === 'file' && isMerged(inode);
}

/** Upper and lower contribute, or several lowers do. */
export function isMerged(inode: OvlInode): boolean {
  if (inode.upper === null) return inode.lowers.length > 1 || inode.lazyData !== null;
  const takesAll = inode.type === 'dir' || (inode.type === 'file' && !inode.hasUpperData);
  return takesAll && inode.lowers.length > 0;
}

export function isMergedOrLower(inode: OvlInode): boolean {
  return inode.upper === null || isMerged(inode);
}

/** An upper object that was copied up and still answers with its lower inode number. */
export function isOriginType(inode: OvlInode): boolean {
  return inode.upper !== null && inode.lowers.length > 0 && inode.hasConstIno;
}

/** A directory that cannot hide anything: no lower below it and no whiteout in it. */
export function isPureUpper(inode: OvlInode): boolean {
  return inode.lowers.length === 0 && !inode.mayHoldWhiteouts;
}

/** What lookup found. */
export interface Parts extends Omit<Found, 'isOpaque' | 'origin' | 'hasXattrWhiteouts'> {
  readonly isIndexed: boolean;
  /** How a handle led to the data. */
  readonly foundBy?: RuleId;
}

/**
 * The overlay inode for what lookup found: the cached one if its key is known, else a new one.
 * A lower hard link without an upper has no key at all: each of its names is an inode of its own.
 */
export function instantiate(
  context: Context,
  { upper, lowers, dataPath, isIndexed, redirect, isUpperMetacopy, foundBy }: Parts,
): Prediction<OvlInode> {
  const { overlay } = context.world;
  const { rule } = context;
  const [lower] = lowers;
  const top = upper ?? lower;
  if (top === undefined) throw new Error('lookup found nothing to instantiate');
  const byLower = isIndexed || isHashedByLower(overlay, upper, lower);
  const key = byLower ? (lower ?? null) : upper;
  const cached = key === null ? undefined : cachedInode(context.world, key);
  if (cached !== undefined) {
    if (!agrees(cached, upper, lower)) {
      rule('identity/contradiction');
      noteOrder(context, cached);
      return fail('ESTALE');
    }
    // Had the lower name come first, the one in the upper layer would contradict it.
    if (upper === null && cached.upper !== null && !cached.isIndexed) noteOrder(context, cached);
    if (upper !== null && !isUpperMetacopy) cached.hasUpperData = true;
    noteOtherData(context, cached, lowers);
    return succeed(cached);
  }
  if (key === null) rule('identity/broken-hardlink-unhashed');
  const inode: OvlInode = {
    type: top.type,
    upper,
    lowers,
    lazyData: dataPath === null ? null : { path: dataPath, found: null },
    redirect,
    hasUpperData: upper !== null && !isUpperMetacopy,
    hasConstIno: byLower,
    numberedBy: key ?? top,
    protection: protectionOf(context, upper, lower),
    mayHoldWhiteouts:
      top.type === 'dir' &&
      (hasOrigin(overlay.marks, top) || lowers.length > 1 || (upper !== null && lowers.length > 0)),
    isImpure: upper !== null && hasImpure(overlay.marks, upper),
    // An inode of its own for one name of a lower hard link counts that name alone.
    vfsNlink: top.type === 'dir' || key === null ? 1 : nlinkOfNew(context, upper, lower),
    isIndexed,
    isLinkable: false,
    dirVersion: 0,
    dirCache: null,
    aliases: [],
    pipe: '',
    look: context.world.looks,
    ...(foundBy === undefined ? {} : { foundBy }),
  };
  if (key !== null) overlay.inodes.set(key, inode);
  return succeed(inode);
}

/**
 * Two names claim one object: the one that is looked up first has it. When both are found by one
 * look at the tree, that is the one that its directory lists first, which is not predicted.
 */
export function noteOrder({ world }: Context, { look }: OvlInode): void {
  if (look === world.looks && look % 2 === 1) world.isOrderOpen = true;
}

/** What is shown of it hangs on who asks by which name from then on, which is not predicted. */
function noteOtherData(
  { world, semantics, rule }: Context,
  { type, upper, lowers }: OvlInode,
  found: readonly RealInode[],
): void {
  if (semantics.behaviour.nameOfRealFile !== 'looks for its inode') return;
  if (type !== 'file' || upper !== null) return;
  if (lowers.at(-1) === found.at(-1)) return;
  rule('identity/data-of-several-names');
  world.isOrderOpen = true;
}

/** One without a name, an open file or a watch has been evicted. */
function cachedInode(world: World, key: RealInode): OvlInode | undefined {
  const cached = world.overlay.inodes.get(key);
  return cached !== undefined && isHeld(world, cached) ? cached : undefined;
}

/** Not when a lower hard link was broken, or will be, or when the handle is that of the upper. */
function isHashedByLower(
  { upper: upperLayer, index, config }: Overlay,
  upper: RealInode | null,
  lower: RealInode | undefined,
): boolean {
  if (lower === undefined || (config.nfsExport && upper !== null)) return false;
  if (upperLayer === null) return true;
  const isBroken = upper !== null || index === null;
  return lower.type === 'dir' || lower.nlink === 1 || !isBroken;
}

function nlinkOfNew(
  context: Context,
  upper: RealInode | null,
  lower: RealInode | undefined,
): number {
  if (upper !== null) return unionNlink(context, lower, upper);
  return lower?.nlink ?? 0;
}

/** After copy-up an inode that had no key gets the one of its upper object. */
export function hashByUpper(overlay: Overlay, inode: OvlInode): void {
  if (inode.upper !== null && !inode.hasConstIno) overlay.inodes.set(inode.upper, inode);
}

/** The real inode whose number st_ino shows, where numbers of layers are shown. */
export function identityOf(dentry: OvlDentry, inode: OvlInode, rule: Context['rule']): RealInode {
  const [lower] = inode.lowers;
  const isRoot = dentry.parent === null && !dentry.isDisconnected;
  if (!isRoot && isOriginType(inode) && lower !== undefined) {
    if (inode.isIndexed || inode.type === 'dir' || lower.nlink === 1) {
      rule('identity/constant-ino');
      return lower;
    }
  }
  return topOf(inode);
}

/** What st_ino and st_dev show. */
export function shownIdentity(
  { world: { fs, overlay }, rule }: Context,
  dentry: OvlDentry,
  inode: OvlInode,
): Pick<StatView, 'ino' | 'dev'> {
  if (overlay.xinoBits === null && inode.type === 'dir') {
    rule('identity/directory-of-several');
    const own = overlay.ownInos.get(inode) ?? inoOn(OVERLAY_FS, ++fs.inodes);
    overlay.ownInos.set(inode, own);
    return { ino: own, dev: 'overlay' };
  }
  const { ino } = identityOf(dentry, inode, rule);
  if (overlay.xinoBits !== null) return { ino: remapped(overlay, ino), dev: 'overlay' };
  rule('identity/device-of-layer');
  return { ino, dev: `pseudo ${fsOfIno(ino)}` };
}

/** A number of a layer as xino shows it: with the id of a file system, mostly its own. */
export function remapped(
  { xinoBits, fsids }: Pick<Overlay, 'xinoBits' | 'fsids'>,
  ino: number,
  fs = fsOfIno(ino),
): number {
  return xinoBits === null || xinoBits === 0 ? ino : inoWithFsid(ino, fsids.get(fs) ?? 0, xinoBits);
}

export function statOf(context: Context, dentry: OvlDentry, inode: OvlInode): StatView {
  const top = topOf(inode);
  noteFoundBy(context, inode);
  const isMergedDir = inode.type === 'dir' && isMerged(inode);
  if (isMergedDir) context.rule('identity/merged-dir-nlink');
  return {
    type: top.type,
    mode: top.mode,
    uid: top.uid,
    gid: top.gid,
    nlink: isMergedDir ? 1 : shownNlink(inode),
    size: sizeOf(top),
    namesInSize: namesInSizeOf(top),
    blocks: shownBlocks(inode),
    ...shownIdentity(context, dentry, inode),
    rdev: top.rdev,
    flags: shownFlags(top, flagsOf(context, inode, top)),
    atime: top.atime,
    mtime: top.mtime,
    ctime: top.ctime,
  };
}

/** Those of the data; as long as nobody has looked for it, what its size would need. */
function shownBlocks(inode: OvlInode): number | null {
  const top = topOf(inode);
  if (!isMetacopy(inode)) return blocksOf(top);
  const isNotFound = inode.lazyData?.found === null;
  return isNotFound ? blocksForSize(top) : blocksOf(dataOf(inode));
}

function shownNlink(inode: OvlInode): number {
  return inode.isIndexed && inode.type !== 'dir' ? inode.vfsNlink : nlinkShown(topOf(inode));
}

function agrees(cached: OvlInode, upper: RealInode | null, lower: RealInode | undefined): boolean {
  if (cached.type === 'dir') {
    if (lower === undefined && cached.lowers.length > 0) return false;
    if (upper === null && cached.upper !== null) return false;
  }
  if (lower !== undefined && cached.lowers[0] !== lower) return false;
  return upper === null || cached.upper === upper;
}
