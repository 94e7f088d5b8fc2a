import { inherit } from '../acl.ts';
import { inheritFlags, losesNames } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import {
  addName,
  isWhiteout,
  linkName,
  newInode,
  removeName,
  touchCtime,
  touchMtime,
} from '../layer.ts';
import type { NewInode } from '../layer.ts';
import { ownerOfNew } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoInode, whyNoName } from '../room.ts';
import type { OvlDentry, OvlInode, RealInode, World } from '../state.ts';
import type { Place } from '../walk.ts';
import { whyNoDevice } from './by-mounter.ts';
import { copyUp } from './copy-up.ts';
import { cleanUpIndex, needsIndex, storeNlink } from './index-dir.ts';
import { isXattrWhiteout } from './marks.ts';
import { isMerged, isMetacopy, isOriginType, isPureUpper } from './inode.ts';
import { knownOf } from './known.ts';
import { dropDentry, inodeOf, isLowerPositive, isWhiteoutDentry, newDentry } from './namei.ts';
import { markImpure } from './namei-layers.ts';
import { hasOtherName } from './alias.ts';
import { noteChange } from './known.ts';
import { allowsOfflineChanges } from './params.ts';
import { bumpDirVersion } from './readdir.ts';
import { setRedirect } from './redirect.ts';
import { whyKept, whyRealKept } from './flags.ts';
import { saysLost, whyNameStale, whyStale } from './stale.ts';
import { addWhiteout, clearWhiteouts, replaceWhiteout, whyNotOpaque } from './whiteout.ts';
import { workOf } from './work-dir.ts';
import { setOpaque } from './xattrs.ts';

/** Makes a new object at a negative name and gives the dentry its inode. */
export function createAt(
  context: Context,
  place: Place,
  init: Omit<NewInode, 'uid' | 'gid'>,
): Prediction<OvlInode> {
  const { world, caller, rule } = context;
  const { parent, dentry } = place;
  const dir = copyUp(context, parent);
  if (!dir.ok) return dir;
  const why = whyNameStale(context, dentry, dir.value);
  if (why !== null) return why;
  if (isWhiteoutDentry(dentry) && init.type === 'dir') {
    const noMark = whyNotOpaque(context);
    if (noMark !== null) return noMark;
  }
  const forbidden = whyWhiteoutKept(context, place, dir.value);
  if (forbidden !== null) return forbidden;
  const noDevice = whyNoDevice(context, init);
  if (noDevice !== null) return noDevice;
  const noRoom = whyNoInode(context, init);
  if (noRoom !== null) return noRoom;
  // The upper file system is asked to make what the overlay says; mkdir(2) takes no set-gid.
  const asked = ownerOfNew(knownOf(inodeOf(parent)), caller, init.type, init.mode);
  const mode = init.type === 'dir' ? init.mode : asked.mode;
  const owner = ownerOfNew(dir.value, asked, init.type, mode);
  const inode = newInode(world.fs, { ...init, ...owner });
  inherit(dir.value, inode, world.umask);
  if (isWhiteoutDentry(dentry)) {
    rule('create/over-whiteout');
    replaceWhiteout(context, dir.value, place.name, inode);
  } else {
    inheritFlags(dir.value, inode);
    addName(world.fs, dir.value, place.name, inode);
    if (init.type === 'dir' && needsOpaque(context, parent)) {
      setOpaque(world, inode);
      dentry.isOpaque = world.overlay.marks.isWritable;
    }
  }
  bumpDirVersion(parent, false);
  const made = pureUpperInode(inode);
  world.overlay.inodes.set(inode, made);
  dentry.inode = made;
  made.aliases.push(dentry);
  dentry.hasUpperAlias = true;
  return succeed(made);
}

/** An unnamed file in a directory (O_TMPFILE): on no listing, with no name to link at. */
export function createUnnamed(
  context: Context,
  parent: OvlDentry,
  { mode, isLinkable }: { readonly mode: number; readonly isLinkable: boolean },
): Prediction<OvlDentry> {
  const { world, caller } = context;
  const dir = copyUp(context, parent);
  if (!dir.ok) return dir;
  const noRoom = whyNoInode(context, { type: 'file' });
  if (noRoom !== null) return noRoom;
  const owner = ownerOfNew(dir.value, caller, 'file', mode);
  const real = newInode(world.fs, { type: 'file', ...owner });
  inherit(dir.value, real, world.umask);
  inheritFlags(dir.value, real);
  const inode = pureUpperInode(real);
  inode.vfsNlink = 0;
  inode.isLinkable = isLinkable;
  world.overlay.inodes.set(real, inode);
  const dentry = newDentry(parent, '', inode);
  dentry.isOpaque = true;
  dentry.isHashed = false;
  return succeed(dentry);
}

/** A further name for an object. The new dentry is dropped: the next lookup finds the link. */
export function linkAt(context: Context, old: OvlDentry, place: Place): Prediction<null> {
  const { world, rule } = context;
  const { parent, dentry, name } = place;
  // A file without a name has no path that could say where its data is.
  const wantsData = old.isDisconnected && world.overlay.config.metacopy;
  if (wantsData) rule('handle/linked-with-data');
  const upper = copyUp(context, old, { wantsData });
  if (!upper.ok) return upper;
  const dir = copyUp(context, parent);
  if (!dir.ok) return dir;
  const inode = inodeOf(old);
  const uncounted = inode.isIndexed ? storeNlink(context, inode) : null;
  if (uncounted !== null) return uncounted;
  const unmarked = isMetacopy(inode) ? setRedirect(context, old, { isSameParent: false }) : null;
  if (unmarked !== null) return unmarked;
  const pure = isOriginType(inode) ? markImpure(context, inodeOf(parent)) : null;
  if (pure !== null) return pure;
  const why = whyNameStale(context, dentry, dir.value) ?? whyKept(context, upper.value);
  if (why !== null) return why;
  if (upper.value.nlink === 0 && !inode.isLinkable) return fail('ENOENT');
  const forbidden = whyWhiteoutKept(context, place, dir.value);
  if (forbidden !== null) {
    touchCtime(world.fs, upper.value);
    return forbidden;
  }
  const noRoom = whyNoName(context, upper.value);
  if (noRoom !== null) return noRoom;
  rule('link/upper');
  if (isWhiteoutDentry(dentry)) replaceWhiteout(context, dir.value, name, upper.value);
  else linkName(world.fs, dir.value, name, upper.value);
  inode.vfsNlink++;
  inode.isLinkable = false;
  // A link is not counted as an origin: a cached translation of the directory goes stale.
  bumpDirVersion(parent, false);
  dropDentry(dentry);
  return succeed(null);
}

/** Of a directory that only grows no whiteout is taken: what was made for its name goes again. */
function whyWhiteoutKept(
  context: Context,
  { dentry, name }: Place,
  dir: RealInode,
): Failure | null {
  const whiteout = isWhiteoutDentry(dentry) ? dir.entries.get(name) : undefined;
  if (whiteout === undefined) return null;
  const why = whyRealKept(context, !losesNames(dir, whiteout));
  if (why !== null) touchMtime(context.world.fs, workOf(context.world.overlay));
  return why;
}

/**
 * What stands in the way of removing a directory that the overlay looks into, or of renaming over
 * it; null when it is empty. Of one in upper alone the file system below says it.
 */
export function whyNotEmpty(context: Context, dentry: OvlDentry): Failure | null {
  context.rule('rmdir/merged-must-be-empty');
  return hasVisibleNames(context, inodeOf(dentry)) ? fail('ENOTEMPTY') : null;
}

/** Removes a name whose removal nothing forbids any more; a whiteout hides what is below. */
export function removeAt(context: Context, dentry: OvlDentry): Prediction<null> {
  const { world, rule } = context;
  const { parent } = dentry;
  if (parent === null) throw new Error('the root cannot be removed');
  const inode = inodeOf(dentry);
  const isPositiveBelow = isLowerPositive(context.world.overlay, dentry);
  const isLookedInto = inode.type === 'dir' && (isPositiveBelow || !isPureUpper(inode));
  const full = isLookedInto ? whyNotEmpty(context, dentry) : null;
  if (full !== null) return full;
  const dir = copyUp(context, parent);
  if (!dir.ok) return dir;
  const started = startNlink(context, dentry);
  if (!started.ok) return started;
  const isLost = inode.upper !== null && !dir.value.entries.has(dentry.name);
  // Where a whiteout has to be left, what it replaces is looked at later.
  if (isLost && !isPositiveBelow && saysLost(context)) return fail('ENOENT');
  const why = inode.upper === null ? null : whyStale(context, dentry, dir.value);
  if (why !== null) return why;
  const wasOrigin = isOriginType(inode);
  if (isLookedInto) {
    const cleared = clearWhiteouts(context, dentry, dir.value);
    if (!cleared.ok) return cleared;
  }
  if (isPositiveBelow) {
    rule('whiteout/remove-lower');
    const noWhiteout = addWhiteout(context, dir.value, dentry.name);
    if (noWhiteout !== null) {
      dropDentry(dentry);
      return noWhiteout;
    }
  } else {
    const refused = whyKeptInUpper(context, dir.value, dentry);
    if (refused !== null) {
      bumpDirVersion(parent, wasOrigin);
      return refused;
    }
    removeName(world.fs, dir.value, dentry.name);
  }
  noteChange(context, inode);
  forgetName(world, dentry, inode);
  cleanUpIndex(context, dentry);
  bumpDirVersion(parent, wasOrigin);
  return succeed(null);
}

/** What the upper file system has against a removal; directories that are looked into are empty. */
function whyKeptInUpper(context: Context, dir: RealInode, { name }: OvlDentry): Failure | null {
  const real = dir.entries.get(name);
  if (real === undefined) return null;
  const why = whyRealKept(context, !losesNames(dir, real));
  if (why !== null || real.entries.size === 0) return why;
  context.rule('rmdir/refused-in-upper');
  return fail('ENOTEMPTY');
}

/**
 * Before a name goes, the link count is noted on disk. For that a lower object that belongs into
 * the index is copied up first, name and all.
 */
export function startNlink(context: Context, dentry: OvlDentry): Prediction<null> {
  const inode = inodeOf(dentry);
  if (needsIndex(context.world.overlay, inode) && !dentry.hasUpperAlias) {
    context.rule('index/copy-up-before-removal');
    const copied = copyUp(context, dentry);
    if (!copied.ok) return copied;
  }
  const isCounted = inode.isIndexed && inode.type !== 'dir';
  return (isCounted ? storeNlink(context, inode) : null) ?? succeed(null);
}

/** The dentry loses its name, the inode a link: not the last one while it has another name. */
export function forgetName(world: World, dentry: OvlDentry, inode: OvlInode): void {
  const floor = hasOtherName(world, dentry, inode) ? 1 : 0;
  if (inode.type === 'dir') inode.vfsNlink = 0;
  else if (inode.vfsNlink > floor) inode.vfsNlink--;
  dropDentry(dentry);
}

/** A pure upper object, as after creation. */
function pureUpperInode(upper: RealInode): OvlInode {
  return {
    type: upper.type,
    upper,
    lowers: [],
    lazyData: null,
    redirect: null,
    hasUpperData: true,
    hasConstIno: false,
    numberedBy: upper,
    protection: new Set(),
    mayHoldWhiteouts: false,
    isImpure: false,
    isIndexed: false,
    vfsNlink: 1,
    isLinkable: false,
    dirVersion: 0,
    dirCache: null,
    aliases: [],
    pipe: '',
    look: 0,
  };
}

/** A new directory in a merged one hides what an offline change could put below it. */
function needsOpaque({ world, semantics, rule }: Context, parent: OvlDentry): boolean {
  if (!isMerged(inodeOf(parent))) return false;
  const isAlways = semantics.behaviour.newDirInMerged === 'is opaque';
  if (!isAlways && allowsOfflineChanges(world.overlay.config)) return false;
  rule(isAlways ? 'opaque/every-new-directory' : 'opaque/new-directory');
  return true;
}

/** Only devices count as whiteouts here. */
function hasVisibleNames({ world: { overlay }, rule }: Context, inode: OvlInode): boolean {
  const hidden = new Set<string>();
  const layers = inode.upper === null ? inode.lowers : [inode.upper, ...inode.lowers];
  for (const layer of layers) {
    for (const [name, real] of layer.entries) {
      if (hidden.has(name)) continue;
      if (isXattrWhiteout(overlay.marks, real)) rule('rmdir/xattr-whiteout-in-the-way');
      if (!isWhiteout(real)) return true;
      hidden.add(name);
    }
  }
  return false;
}
