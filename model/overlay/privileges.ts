import { ACCESS_ACL } from '../acl-names.ts';
import { aclOf } from '../acl.ts';
import { profileOf } from '../bases.ts';
import { removeXattr, touchCtime } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { isRoot } from '../permission.ts';
import type { Failure } from '../prediction.ts';
import type { OvlInode, RealFs, RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { CAPABILITY } from './by-mounter.ts';
import { copyUpInode } from './copy-up.ts';
import { whyKept } from './flags.ts';
import { topOf } from './inode.ts';
import { knownOf, noteChange } from './known.ts';

/** Capabilities and set-id bits, which a file loses when it is changed. */

const SET_UID = 0o4000;
const SET_GID = 0o2000;
const GROUP_EXEC = 0o010;

/** What tells the VFS which set-id bits to take. */
export type Known = Pick<RealInode, 'mode' | 'gid'>;

/** What the VFS asks before a file is cut: null where it has found before that there are none. */
export function askedOf(inode: OvlInode): Known | null {
  return inode.noSec === true ? null : knownOf(inode);
}

/**
 * Before a file is written to the overlay inode is brought up to date, and what it holds goes, if
 * it is looked for; other inodes of the file are not told.
 */
export function dropToWrite(context: Context, inode: OvlInode): Failure | null {
  const upper = topOf(inode);
  noteChange(context, inode);
  if (inode.noSec === true) return null;
  const kept = whyPrivilegesKept(context, upper, knownOf(inode));
  if (kept !== null) return kept;
  dropPrivileges(context, upper);
  if (profileOf(upper).noSec(context.semantics) && !isSetId(upper.mode)) inode.noSec = true;
  return null;
}

/** A capability stays with the xattrs of a file that upper protects, set-id bits with its mode. */
export function whyPrivilegesKept(
  context: Context,
  upper: RealInode,
  asked: Known | null,
): Failure | null {
  if (asked === null) return null;
  const isAsked = losesSetId(context, asked) && profileOf(upper).guardsImmutable;
  return whyCapabilityKept(context, upper) ?? (isAsked ? whyKept(context, upper) : null);
}

/** It is an xattr, and those of a file that the upper file system protects stay. */
function whyCapabilityKept(context: Context, upper: RealInode): Failure | null {
  return hasCapability(upper) ? whyKept(context, upper) : null;
}

/** A new mode may hold privileges. */
export function noteSetId(inode: OvlInode, mode: number): void {
  if (isSetId(mode)) delete inode.noSec;
}

/**
 * A capability goes from a copy of the attributes, before data is asked for, which may fail for
 * what is not there.
 */
export function dropCapabilityFirst(context: Context, { dentry, inode }: Target): Failure | null {
  if (inode.type === 'dir' || !hasCapability(topOf(inode))) return null;
  if (inode.upper === null) context.rule('copy-up/attribute-change');
  const upper = copyUpInode(context, dentry);
  if (!upper.ok) return upper;
  const kept = whyCapabilityKept(context, upper.value);
  if (kept === null) dropCapability(context, upper.value);
  return kept;
}

/** What writing and truncating take from a file: capabilities, and set-id bits unless by root. */
export function dropPrivileges(
  context: Context,
  inode: RealInode,
  asked: Known | null = inode,
): void {
  if (asked === null) return;
  dropCapability(context, inode);
  dropSetId(context, inode, asked);
}

/** What is left of them goes once the file below is written to, which its mounter does. */
export function dropAsMounter(context: Context, inode: RealInode): void {
  const { world, rule } = context;
  const { mounter } = world.overlay;
  dropCapability(context, inode);
  if (mounter.isPrivileged) return;
  const mode = withoutPrivileges(inode.mode, true);
  if (mode === inode.mode) return;
  rule('userns/writes-drop-set-id');
  loseSetId(world.fs, inode, mode);
}

export function dropCapability({ world }: Context, inode: RealInode): void {
  if (hasCapability(inode)) removeXattr(world.fs, inode, CAPABILITY);
}

export function dropSetId(
  { world: { fs }, caller }: Context,
  inode: RealInode,
  asked: Known,
): void {
  if (!losesSetId({ caller }, asked)) return;
  const lost = asked.mode & ~withoutPrivileges(asked.mode, caller.gid === asked.gid);
  if ((inode.mode & lost) !== 0) loseSetId(fs, inode, inode.mode & ~lost);
}

function losesSetId({ caller }: Pick<Context, 'caller'>, { mode, gid }: Known): boolean {
  return !isRoot(caller) && withoutPrivileges(mode, caller.gid === gid) !== mode;
}

export function loseSetId(fs: RealFs, inode: RealInode, mode: number): void {
  inode.mode = mode;
  const { stampsLostSetId, stampsAclOfMode } = profileOf(inode);
  const writesAcl = stampsAclOfMode && aclOf(inode, ACCESS_ACL) !== null;
  if (writesAcl || stampsLostSetId(fs.semantics)) touchCtime(fs, inode);
  else inode.version++;
}

/** An empty capability, which cannot be read, is not one to the kernel. */
export function hasCapability(inode: RealInode): boolean {
  return typeof inode.xattrs.get(CAPABILITY) === 'string';
}

function isSetId(mode: number): boolean {
  return (mode & (SET_UID | SET_GID)) !== 0;
}

/** set-gid without group execute once meant mandatory locking; members of the group keep it. */
export function withoutPrivileges(mode: number, keepsLockingBit: boolean): number {
  const kept = mode & ~SET_UID;
  return (mode & GROUP_EXEC) !== 0 || !keepsLockingBit ? kept & ~SET_GID : kept;
}
