import { profileOf } from '../bases.ts';
import { changeFlags, keepsFlags, protectionIn } from '../file-flags.ts';
import type { FileFlag, ToldFlag } from '../flags.ts';
import { touchCtime } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, isRoot } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile, OvlInode, RealInode } from '../state.ts';
import { copyUp } from './copy-up.ts';
import { flagsOf, storeFlags } from './flags.ts';
import { dataOf, topOf } from './inode.ts';
import { keepSize, knownOf, noteChange } from './known.ts';
import { isImmutable } from './protection.ts';
import { whyReadOnly } from './read-only.ts';
import { whyUntold } from './told.ts';

const SET_ID = 0o6000;

/** The real object whose flags are told: the one with the data, if a call is passed on to it. */
export function flaggedOf({ semantics }: Pick<Context, 'semantics'>, inode: OvlInode): RealInode {
  const { flagsUnsupported } = semantics.behaviour;
  const asksData = flagsUnsupported === 'after copy-up' && inode.type === 'file';
  return asksData ? dataOf(inode) : topOf(inode);
}

/** The flags that all file systems have. */
export function getFlags(context: Context, inode: OvlInode): Prediction<ReadonlySet<FileFlag>> {
  const { semantics } = context;
  const real = flaggedOf(context, inode);
  return keepsFlags(real, semantics) ? succeed(flagsOf(context, inode, real)) : fail('ENOTTY');
}

/** FS_IOC_SETFLAGS and FS_IOC_FSSETXATTR of all flags at once. */
export function setFlags(
  context: Context,
  file: OpenFile,
  flags: ReadonlySet<ToldFlag>,
  call: 'FS_IOC_SETFLAGS' | 'FS_IOC_FSSETXATTR',
): Prediction<null> {
  const { world, semantics, caller, rule } = context;
  const { dentry, inode } = file;
  if (semantics.behaviour.flagsUnsupported === 'after copy-up') {
    const set = setFlagsOfCopy(context, file, flags);
    if (set.ok && call === 'FS_IOC_FSSETXATTR') dropSetIdBits(context, inode);
    return set;
  }
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  if (inode.type !== 'file' && inode.type !== 'dir') return fail('ENOTTY');
  if (!isOwner(caller, knownOf(inode))) return fail('EPERM');
  const old = getFlags(context, inode);
  if (!old.ok) return old;
  const changesProtection = !isSame(protectionIn(old.value), protectionIn(flags));
  if (changesProtection && !isRoot(caller)) return fail('EPERM');
  rule('flags/copy-up');
  const upper = copyUp(context, dentry);
  if (!upper.ok) return upper;
  const stored = storeFlags(context, inode, upper.value, flags);
  noteChange(context, inode);
  if (stored.ok) touchCtime(world.fs, upper.value);
  return stored;
}

/** The real file is asked for them by the caller, where that is a privilege. */
function dropSetIdBits({ caller, rule }: Context, inode: OvlInode): void {
  const upper = topOf(inode);
  if (!profileOf(upper).xflagsDropSetId || isRoot(caller) || (upper.mode & SET_ID) === 0) return;
  rule('flags/set-id-dropped');
  // The overlay inode takes over flags alone.
  keepSize(inode, upper, upper.content.length);
  upper.mode &= ~SET_ID;
  upper.version++;
}

/** The real file is asked whether it may be, once there is a copy with all its data. */
function setFlagsOfCopy(
  context: Context,
  file: OpenFile,
  flags: ReadonlySet<ToldFlag>,
): Prediction<null> {
  const { world, semantics, caller, rule } = context;
  const { dentry, inode } = file;
  if (inode.type !== 'file' && inode.type !== 'dir') return fail('ENOTTY');
  if (!isOwner(caller, knownOf(inode))) return fail('EACCES');
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  const hasData = inode.type !== 'file' || inode.hasUpperData;
  if (!hasData && isImmutable(inode) && !isRoot(caller)) return fail('EPERM');
  rule('flags/copy-up-first');
  const upper = copyUp(context, dentry, { wantsData: true });
  if (!upper.ok) return upper;
  const untold = whyUntold(context, file);
  if (untold !== null) return untold;
  const old = upper.value.flags;
  const changed = changeFlags(upper.value, flags, semantics);
  const wants = upper.value.flags;
  const isFixed = old.has('FS_IMMUTABLE_FL') && profileOf(upper.value).guardsImmutable;
  const staysFixed = isFixed && wants.has('FS_IMMUTABLE_FL');
  const mayChange =
    (isRoot(caller) || isSame(protectionIn(old), protectionIn(wants))) &&
    (!staysFixed || isSame(old, wants));
  if (!mayChange) upper.value.flags = old;
  const stored = mayChange ? changed : fail('EPERM');
  noteChange(context, inode);
  if (stored.ok) touchCtime(world.fs, upper.value);
  // Whatever came of it, the overlay takes over what the copy has.
  inode.protection = protectionIn(upper.value.flags);
  delete inode.keepsAtime;
  return stored;
}

function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((flag) => b.has(flag));
}
