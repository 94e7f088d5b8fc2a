import { changeModeOfAcl } from '../acl.ts';
import { profileOf } from '../bases.ts';
import { touchCtime } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, isRoot, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { TimeArg } from '../ops/op.ts';
import type { OvlInode, RealInode } from '../state.ts';
import type { Time } from '../time.ts';
import type { Target } from '../walk.ts';
import { CAPABILITY } from './by-mounter.ts';
import { copyUp } from './copy-up.ts';
import { whyFixed, whyKept } from './flags.ts';
import { knownOf, noteChange } from './known.ts';
import { dropCapabilityFirst, hasCapability, noteSetId, withoutPrivileges } from './privileges.ts';
import { whyReadOnly } from './read-only.ts';
import { isImmutable, isProtected, whyNotPermitted } from './protection.ts';

const SET_UID = 0o4000;
const SET_GID = 0o2000;
const MODE_MASK = 0o7777;

/** chmod(2) of an object, however it was named. */
export function changeMode(context: Context, target: Target, mode: number): Prediction<null> {
  const { caller } = context;
  const top = knownOf(target.inode);
  const why = whyReadOnly(context);
  if (why !== null) return why;
  if (isKept(context, target.inode)) return fail('EPERM');
  // What is asked for is noted before anybody asks who may.
  noteSetId(target.inode, mode);
  if (!isOwner(caller, top)) return fail('EPERM');
  const upper = copyUpToChange(context, target, 'attributes');
  if (!upper.ok) return upper;
  const keepsSetGid = isRoot(caller) || caller.gid === top.gid;
  setModeOfReal(context, upper.value, mode & (keepsSetGid ? MODE_MASK : MODE_MASK & ~SET_GID));
  return succeed(null);
}

/** chown(2); -1 leaves owner or group alone. Privileges go even when nothing changes. */
export function changeOwner(
  context: Context,
  target: Target,
  uid: number,
  gid: number,
): Prediction<null> {
  const { caller } = context;
  const top = knownOf(target.inode);
  const why = whyReadOnly(context);
  if (why !== null) return why;
  const mayOwner = uid === -1 || (caller.uid === top.uid && uid === top.uid);
  const mayGroup =
    gid === -1 || (caller.uid === top.uid && (gid === caller.gid || gid === top.gid));
  if (!isRoot(caller) && !(mayOwner && mayGroup)) return fail('EPERM');
  const changes = uid !== -1 || gid !== -1;
  if (changes && isKept(context, target.inode)) return fail('EPERM');
  // Dropping set-id bits is a change of mode, which only the owner may make.
  const kept = withoutPrivileges(top.mode, isRoot(caller) || caller.gid === top.gid);
  const loses = top.type !== 'dir' && kept !== top.mode;
  if (loses && !isOwner(caller, top)) return fail('EPERM');
  const fixed = dropCapabilityFirst(context, target);
  if (fixed !== null) return fixed;
  const upper = copyUpToChange(
    context,
    target,
    changes ? 'attributes' : loses ? 'set-id bits' : 'nothing',
  );
  if (!upper.ok) return upper;
  ownReal(context, upper.value, uid, gid, top);
  return succeed(null);
}

/**
 * What chown(2) does to an object of a layer: set-uid goes, and set-gid if the VFS says so of the
 * object as it knows it.
 */
export function ownReal(
  { world, caller }: Context,
  inode: RealInode,
  uid: number,
  gid: number,
  known: Pick<RealInode, 'mode' | 'gid'> = inode,
): void {
  if (inode.type !== 'dir') {
    const kept = withoutPrivileges(known.mode, isRoot(caller) || caller.gid === known.gid);
    const lost = known.mode & ~kept & SET_GID;
    inode.mode &= ~(SET_UID | lost);
    if (hasCapability(inode)) inode.xattrs.delete(CAPABILITY);
  }
  if (uid !== -1) inode.uid = uid;
  if (gid !== -1) inode.gid = gid;
  touchCtime(world.fs, inode);
}

/** What chmod(2) does to an object of a layer. */
export function setModeOfReal({ world }: Context, inode: RealInode, mode: number): void {
  inode.mode = mode;
  changeModeOfAcl(inode);
  touchCtime(world.fs, inode);
}

/** utimensat(2). */
export function changeTimes(
  context: Context,
  target: Target,
  atime: TimeArg,
  mtime: TimeArg,
): Prediction<null> {
  const top = knownOf(target.inode);
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  const isNow = atime === 'UTIME_NOW' && mtime === 'UTIME_NOW';
  if (isNow ? isImmutable(target.inode) : isKept(context, target.inode)) return fail('EPERM');
  if (!isOwner(context.caller, top)) {
    if (!isNow) return fail('EPERM');
    const why = whyNotPermitted(target.inode, context.caller, MAY_WRITE);
    if (why !== null) return why;
  }
  const upper = copyUpToChange(context, target, isNow ? 'times to now' : 'attributes');
  if (!upper.ok) return upper;
  const { fs } = context.world;
  upper.value.atime = newTime(atime, upper.value.atime, fs.now);
  upper.value.mtime = newTime(mtime, upper.value.mtime, fs.now);
  touchCtime(fs, upper.value);
  return succeed(null);
}

/** Neither owner, mode nor given times of a protected object change. */
function isKept({ rule }: Context, inode: OvlInode): boolean {
  if (!isProtected(inode)) return false;
  rule('flags/no-attribute-change');
  return true;
}

/** What is asked for. That privileges go, or nothing, is a matter of the file system below. */
type Change = 'attributes' | 'times to now' | 'set-id bits' | 'nothing';

function copyUpToChange(
  context: Context,
  { dentry, inode }: Target,
  changes: Change,
): Prediction<RealInode> {
  if (inode.upper === null) context.rule('copy-up/attribute-change');
  const upper = copyUp(context, dentry);
  if (!upper.ok) return upper;
  const isVfs = changes === 'attributes' || changes === 'times to now';
  const isAsked = isVfs || profileOf(upper.value).guardsImmutable;
  const why = changes === 'attributes' || changes === 'set-id bits' ? whyKept : whyFixed;
  const kept = isAsked ? why(context, upper.value) : null;
  if (kept !== null) return kept;
  noteChange(context, inode);
  return upper;
}

function newTime(arg: TimeArg, old: Time, now: Time): Time {
  if (arg === 'UTIME_OMIT') return old;
  return arg === 'UTIME_NOW' ? now : arg;
}
