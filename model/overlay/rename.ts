import { profileOf } from '../bases.ts';
import { inherit } from '../acl.ts';
import { inheritFlags } from '../file-flags.ts';
import { losesNames } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import { exchangeNames, moveName, newInode, touchCtime, touchMtime } from '../layer.ts';
import { ownerOfNew } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoInode, whyNoXattr } from '../room.ts';
import type { OvlDentry, RealInode } from '../state.ts';
import { copyUp } from './copy-up.ts';
import { forgetName, startNlink, whyNotEmpty } from './dir.ts';
import { whyRealKept } from './flags.ts';
import { cleanUpIndex } from './index-dir.ts';
import { isMerged, isMergedOrLower, isOriginType, isPureUpper } from './inode.ts';
import { noteChange } from './known.ts';
import { dropDentry, inodeOf, isLowerPositive, isWhiteoutDentry, moveDentry } from './namei.ts';
import { markImpure } from './namei-layers.ts';
import { bumpDirVersion } from './readdir.ts';
import { setRedirect } from './redirect.ts';
import { saysLost, whyNameStale, whyStale } from './stale.ts';
import { clearWhiteouts } from './whiteout.ts';
import { setOpaque } from './xattrs.ts';

/** Both ends of a rename, after the checks that the VFS makes. */
export interface Ends {
  readonly old: OvlDentry;
  readonly oldParent: OvlDentry;
  readonly target: OvlDentry;
  readonly targetParent: OvlDentry;
}

const WHITEOUT = { type: 'chr', mode: 0 } as const;

/** Both parent directories in the upper layer. */
interface UpperDirs {
  readonly from: RealInode;
  readonly to: RealInode;
}

/** rename(2) onto a name that is free or to be replaced. */
export function renameOver(context: Context, ends: Ends): Prediction<null> {
  const { old, target, targetParent } = ends;
  const why = whyImmovable(context, old) ?? whyNotReplaceable(context, target);
  if (why !== null) return why;
  const leavesWhiteout = isLowerPositive(context.world.overlay, old);
  const dirs = copyUpBoth(context, ends);
  if (!dirs.ok) return dirs;
  const replaced = target.inode;
  if (replaced !== null) {
    const started = startNlink(context, target);
    if (!started.ok) return started;
  }
  const wasOrigin = replaced !== null && isOriginType(replaced);
  const isStale = whyEndsStale(context, ends, dirs.value);
  if (replaced?.type === 'dir' && !isPureUpper(replaced)) {
    const cleared = clearWhiteouts(context, target, dirs.value.to);
    if (!cleared.ok) return cleared;
  }
  const pure = markParents(context, ends, { isExchange: false });
  if (pure !== null) return pure;
  if (isStale !== null) return isStale;
  const unmarked = markMoved(context, ends, old, targetParent);
  if (unmarked !== null) return unmarked;
  // A pure upper target is looked into last, by the upper file system: the marks above stay.
  const inTheWay = dirs.value.to.entries.get(target.name);
  const forbidden =
    whyNotTaken(context, dirs.value.from, old) ?? whyNotTaken(context, dirs.value.to, target);
  if (forbidden !== null) return forbidden;
  if (inTheWay?.type === 'dir' && inTheWay.entries.size > 0) {
    context.rule('rename/failure-leaves-marks');
    const { from } = dirs.value;
    // There the whiteout is in place already, and is taken back.
    if (leavesWhiteout && profileOf(from).triesWhiteouts) touchMtime(context.world.fs, from);
    return fail(profileOf(from).renameOverFull);
  }
  const isExchanged = isWhiteoutDentry(target);
  const noRoom = leavesWhiteout && !isExchanged ? whyNoInode(context, WHITEOUT) : null;
  if (noRoom !== null) return noRoom;
  noteChange(context, inodeOf(old));
  if (replaced !== null) noteChange(context, replaced);
  moveUpper(context, ends, dirs.value, leavesWhiteout);
  if (replaced === null) {
    dropDentry(target);
  } else {
    forgetName(context.world, target, replaced);
    cleanUpIndex(context, target);
  }
  const isOrigin = isOriginType(inodeOf(old));
  bumpDirVersion(ends.oldParent, isOrigin);
  bumpDirVersion(targetParent, isOrigin || wasOrigin);
  moveDentry(old, targetParent, target.name);
  return succeed(null);
}

/** rename(2) with RENAME_EXCHANGE: both names exist and swap their objects. */
export function renameExchange(context: Context, ends: Ends): Prediction<null> {
  const { old, oldParent, target, targetParent } = ends;
  const immovable = whyImmovable(context, old) ?? whyImmovable(context, target);
  if (immovable !== null) return immovable;
  context.rule('rename/exchange');
  const dirs = copyUpBoth(context, ends);
  if (!dirs.ok) return dirs;
  const other = copyUp(context, target);
  if (!other.ok) return other;
  const pure = markParents(context, ends, { isExchange: true });
  if (pure !== null) return pure;
  const { from, to } = dirs.value;
  const why = whyEndsStale(context, ends, dirs.value);
  if (why !== null) return why;
  const unmarked =
    markMoved(context, ends, old, targetParent) ?? markMoved(context, ends, target, oldParent);
  if (unmarked !== null) return unmarked;
  const kept = whyNotTaken(context, from, old) ?? whyNotTaken(context, to, target);
  if (kept !== null) return kept;
  noteChange(context, inodeOf(old));
  noteChange(context, inodeOf(target));
  exchangeNames(context.world.fs, from, old.name, to, target.name);
  const isOrigin = isOriginType(inodeOf(old)) || isOriginType(inodeOf(target));
  bumpDirVersion(oldParent, isOrigin);
  bumpDirVersion(targetParent, isOrigin);
  const { name } = old;
  dropDentry(old);
  moveDentry(old, targetParent, target.name);
  moveDentry(target, oldParent, name);
  return succeed(null);
}

/** What the upper file system says of taking a name away, which the inode may not know. */
function whyNotTaken(context: Context, dir: RealInode, { name }: OvlDentry): Failure | null {
  const real = dir.entries.get(name);
  return whyRealKept(context, real !== undefined && !losesNames(dir, real));
}

/** A directory with something below it stays where it is if redirects are not made. */
function whyImmovable({ world, rule }: Context, dentry: OvlDentry): Prediction<never> | null {
  const inode = inodeOf(dentry);
  const { config, marks } = world.overlay;
  if (config.redirectDir === 'on' && marks.isWritable) return null;
  if (inode.type !== 'dir' || !isMergedOrLower(inode)) return null;
  rule('rename/lower-directory');
  return fail('EXDEV');
}

function whyNotReplaceable(context: Context, target: OvlDentry): Prediction<never> | null {
  const { inode } = target;
  if (inode?.type !== 'dir' || isPureUpper(inode)) return null;
  return whyNotEmpty(context, target);
}

function copyUpBoth(context: Context, ends: Ends): Prediction<UpperDirs> {
  const old = copyUp(context, ends.old);
  if (!old.ok) return old;
  const to = copyUp(context, ends.targetParent);
  if (!to.ok) return to;
  const from = copyUp(context, ends.oldParent);
  return from.ok ? succeed({ from: from.value, to: to.value }) : from;
}

/** The VFS knows two names of one upper file only if they are one file in the overlay, too. */
function whyEndsStale(
  context: Context,
  { old, target }: Ends,
  { from, to }: UpperDirs,
): Failure | null {
  if (!from.entries.has(old.name) && saysLost(context)) return fail('ENOENT');
  const why = whyStale(context, old, from) ?? whyNameStale(context, target, to);
  if (why !== null) return why;
  const isOneFile = target.inode !== null && target.inode.upper === inodeOf(old).upper;
  return isOneFile ? fail('ESTALE') : null;
}

function markParents(
  context: Context,
  { old, oldParent, target, targetParent }: Ends,
  { isExchange }: { readonly isExchange: boolean },
): Failure | null {
  if (oldParent === targetParent) return null;
  const comes = isOriginType(inodeOf(old));
  const why = comes ? markImpure(context, inodeOf(targetParent)) : null;
  const goes = isExchange && isOriginType(inodeOf(target));
  return why ?? (goes ? markImpure(context, inodeOf(oldParent)) : null);
}

/**
 * What has something below notes where that is. A directory of upper alone that comes into a merged
 * one must not be merged with what is below its new name.
 */
function markMoved(
  context: Context,
  { oldParent, targetParent }: Ends,
  dentry: OvlDentry,
  newParent: OvlDentry,
): Failure | null {
  const inode = inodeOf(dentry);
  if (isMergedOrLower(inode)) {
    return setRedirect(context, dentry, { isSameParent: oldParent === targetParent });
  }
  const { upper, type } = inode;
  // A mark that no lookup read is written again.
  if (type !== 'dir' || upper === null || dentry.isOpaque) return null;
  if (!isMerged(inodeOf(newParent))) return null;
  if (!context.world.overlay.marks.isWritable) {
    context.rule('userxattr/no-opaque');
    return fail('EXDEV');
  }
  const noRoom = whyNoXattr(context);
  if (noRoom !== null) return noRoom;
  context.rule('rename/opaque-in-merged');
  setOpaque(context.world, upper);
  dentry.isOpaque = true;
  return null;
}

/** Moves the upper object and leaves a whiteout where the old name would show again. */
function moveUpper(
  { world: { fs, overlay }, rule }: Context,
  { old, target }: Ends,
  { from, to }: UpperDirs,
  leavesWhiteout: boolean,
): void {
  const isDir = inodeOf(old).type === 'dir';
  if (isWhiteoutDentry(target) && (leavesWhiteout || isDir)) {
    exchangeNames(fs, from, old.name, to, target.name);
    if (leavesWhiteout) {
      rule('rename/whiteout-moves');
      return;
    }
    const whiteout = from.entries.get(old.name);
    from.entries.delete(old.name);
    if (whiteout === undefined) return;
    whiteout.nlink--;
    touchCtime(fs, whiteout);
    return;
  }
  moveName(fs, from, old.name, to, target.name);
  if (!leavesWhiteout) return;
  rule('rename/whiteout-left');
  // The upper file system makes it: group and access control list are handed down.
  const { whiteoutsInherit } = profileOf(from);
  const { uid, gid } = ownerOfNew(whiteoutsInherit ? from : to, overlay.mounter, 'chr', 0);
  const whiteout = newInode(fs, { ...WHITEOUT, uid, gid });
  whiteout.nlink++;
  if (whiteoutsInherit) inherit(from, whiteout, 0);
  inheritFlags(from, whiteout);
  from.entries.set(old.name, whiteout);
  from.version++;
}
