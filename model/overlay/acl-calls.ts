import { ACCESS_ACL, DEFAULT_ACL } from '../acl-names.ts';
import { aclOf, parseAcl, printAcl, storeAcl, whyInvalid } from '../acl.ts';
import type { Acl } from '../acl.ts';
import { profileOf } from '../bases.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, isRoot } from '../permission.ts';
import { fail, succeed, unseenBytes } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { Target } from '../walk.ts';
import { loseSetId } from './privileges.ts';
import { copyUp, copyUpInode } from './copy-up.ts';
import { whyKept } from './flags.ts';
import { topOf } from './inode.ts';
import { knownOf, noteChange } from './known.ts';
import { isProtected } from './protection.ts';

const SET_GID = 0o2000;

/** setxattr(2) of an access control list; its flags do not matter, and an empty one removes. */
export function setAclOf(
  context: Context,
  target: Target,
  name: string,
  value: string,
): Prediction<null> {
  const { semantics } = context;
  const isKept = isProtected(target.inode);
  if (isKept && semantics.behaviour.aclOfProtected !== 'read first') return fail('EPERM');
  const isEmpty = value === '' && semantics.behaviour.emptyAcl === 'removes';
  const parsed = isEmpty ? succeed(null) : parseAcl(value);
  if (!parsed.ok) return parsed;
  return changeAcl(context, target, name, parsed.value);
}

export function removeAclOf(context: Context, target: Target, name: string): Prediction<null> {
  return changeAcl(context, target, name, null);
}

export function getAclOf(
  context: Context,
  { inode }: Target,
  name: string,
  size: number,
): Prediction<string> {
  if (inode.type === 'symlink') return fail('EOPNOTSUPP');
  const { semantics } = context;
  const top = topOf(inode);
  const isNone = profileOf(top).acls(semantics) === 'none';
  if (isNone && semantics.behaviour.aclCheck === 'after copy-up') return refuse(context);
  const acl = aclOf(top, name);
  if (acl === null) return fail('ENODATA');
  const value = printAcl(acl);
  if (size === 0) return succeed(unseenBytes(value.length));
  return value.length > size ? fail('ERANGE') : succeed(value);
}

function changeAcl(
  context: Context,
  target: Target,
  name: string,
  acl: Acl | null,
): Prediction<null> {
  const { inode, dentry } = target;
  const { world, semantics, caller, rule } = context;
  const top = topOf(inode);
  if (isProtected(inode)) return fail('EPERM');
  if (inode.type === 'symlink') return fail('EOPNOTSUPP');
  // The layer is asked first, or it is asked once all else is well.
  const isUnsupported = profileOf(top).acls(semantics) !== 'reads and writes';
  if (isUnsupported && semantics.behaviour.aclCheck === 'after copy-up') return refuse(context);
  if (name === DEFAULT_ACL && inode.type !== 'dir')
    return acl === null ? succeed(null) : fail('EACCES');
  if (!isOwner(caller, knownOf(inode))) return fail('EPERM');
  const invalid = acl === null ? null : whyInvalid(acl);
  if (invalid !== null && semantics.behaviour.aclCheck === 'before copy-up') return invalid;
  if (isUnsupported) return refuse(context);
  const why = name === ACCESS_ACL ? dropSetGid(context, target) : null;
  if (why !== null) return why;
  if (acl === null && inode.upper === null && aclOf(top, name) === null) return fail('ENODATA');
  rule('acl/copy-up');
  const upper = copyUpInode(context, dentry);
  if (!upper.ok) return upper;
  const kept = whyKept(context, upper.value);
  if (kept !== null) return kept;
  if (invalid !== null) return invalid;
  noteChange(context, inode);
  storeAcl(world.fs, upper.value, name, acl);
  return succeed(null);
}

function refuse({ rule }: Context): Failure {
  rule('acl/layer-without');
  return fail('EOPNOTSUPP');
}

/** Who is not of the group cannot keep set-gid, and a new mode is given to the name of the file. */
function dropSetGid(context: Context, { dentry, inode }: Target): Failure | null {
  const { caller, world } = context;
  const top = knownOf(inode);
  if ((top.mode & SET_GID) === 0 || isRoot(caller) || caller.gid === top.gid) return null;
  const upper = copyUp(context, dentry);
  if (!upper.ok) return upper;
  const kept = profileOf(upper.value).guardsImmutable ? whyKept(context, upper.value) : null;
  if (kept !== null) return kept;
  noteChange(context, inode);
  loseSetId(world.fs, upper.value, upper.value.mode & ~SET_GID);
  return null;
}
