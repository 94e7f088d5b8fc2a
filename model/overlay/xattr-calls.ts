import { isAclName } from '../acl-names.ts';
import { keepsXattr, profileOf } from '../bases.ts';
import type { XattrFlag } from '../flags.ts';
import { BOUND } from '../flags.ts';
import { isUnreadable, removeXattr, setXattr, xattrAsKept } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, isRoot, MAY_READ, MAY_WRITE } from '../permission.ts';
import { fail, succeed, unseenBytes } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoXattr } from '../room.ts';
import type { OvlInode, RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { getAclOf, removeAclOf, setAclOf } from './acl-calls.ts';
import { copyUpInode } from './copy-up.ts';
import { whyKept } from './flags.ts';
import { topOf } from './inode.ts';
import { knownOf, noteChange } from './known.ts';
import { isPrivateXattr, shownXattrName } from './marks.ts';
import { capabilityOfMounter, CAPABILITY, isHidden, isUnlisted } from './by-mounter.ts';
import { mayAnybody, whyNotByMounter } from './by-mounter.ts';
import { whyReadOnly } from './read-only.ts';
import { isProtected, whyNotPermitted } from './protection.ts';

const STICKY = 0o1000;
/** The format's second revision: a magic number, then two pairs of capability sets. */
const CAPABILITY_BYTES = 20;
const CAPABILITY_MAGICS: ReadonlySet<string> = new Set(['\0\0\0\x02', '\x01\0\0\x02']);

export function setXattrOf(
  context: Context,
  target: Target,
  name: string,
  value: string,
  flags: readonly XattrFlag[],
): Prediction<null> {
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  if (isAclName(name)) return setAclOf(context, target, name, value);
  const why = isProtected(target.inode)
    ? (whyBadName(name) ?? whyBadCapability(context, name, value) ?? fail('EPERM'))
    : (whyBadName(name) ??
      whyForbidden(context, target.inode, name, MAY_WRITE) ??
      whyBadCapability(context, name, value));
  if (why !== null) return why;
  if (name.startsWith('security.')) delete target.inode.noSec;
  const onLayer = nameOnLayer(context, name);
  if (!onLayer.ok) return onLayer;
  if (target.inode.upper === null) context.rule('copy-up/xattr-even-if-it-fails');
  const upper = copyUpInode(context, target.dentry);
  if (!upper.ok) return upper;
  noteChange(context, target.inode);
  const kept = whyKept(context, upper.value);
  if (kept !== null) return kept;
  const unsupported = whyUnsupported(context, upper.value, onLayer.value);
  if (unsupported !== null) return unsupported;
  const forbidden = whyNotByMounter(context, name);
  if (forbidden !== null) return forbidden;
  const noRoom = whyNoXattr(context);
  if (noRoom !== null) return noRoom;
  const exists = upper.value.xattrs.has(onLayer.value);
  if (exists && flags.includes('XATTR_CREATE')) return fail('EEXIST');
  const { createsToReplace } = profileOf(upper.value);
  const creates = flags.includes('XATTR_CREATE') && createsToReplace(context.semantics);
  if (!exists && flags.includes('XATTR_REPLACE') && !creates) return fail('ENODATA');
  const given = name === CAPABILITY ? capabilityOfMounter(context, value) : value;
  setXattr(context.world.fs, upper.value, onLayer.value, xattrAsKept(name, given));
  return succeed(null);
}

export function removeXattrOf(context: Context, target: Target, name: string): Prediction<null> {
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  if (isAclName(name)) return removeAclOf(context, target, name);
  const top = topOf(target.inode);
  const why = whyBadName(name) ?? whyForbidden(context, target.inode, name, MAY_WRITE);
  if (isProtected(target.inode)) return whyBadName(name) ?? fail('EPERM');
  if (why !== null) return why;
  const needsPrivilege = name.startsWith('security.') && !mayAnybody(context);
  if (needsPrivilege && !isRoot(context.caller)) return fail('EPERM');
  const onLayer = nameOnLayer(context, name);
  if (!onLayer.ok) return onLayer;
  const unsupported = whyUnsupported(context, top, onLayer.value);
  if (unsupported !== null && target.inode.upper === null) return unsupported;
  if (target.inode.upper === null && isHidden(context, name)) return fail('ENODATA');
  if (target.inode.upper === null) {
    const value = top.xattrs.get(onLayer.value);
    if (value === undefined) {
      context.rule('xattr/remove-missing-stays-lower');
      return fail('ENODATA');
    }
    if (isUnreadable(value)) return fail(value.unreadable);
  }
  const upper = copyUpInode(context, target.dentry);
  if (!upper.ok) return upper;
  noteChange(context, target.inode);
  const kept = whyKept(context, upper.value);
  if (kept !== null) return kept;
  const inUpper = whyUnsupported(context, upper.value, onLayer.value);
  if (inUpper !== null) return inUpper;
  const forbidden = name === CAPABILITY ? null : whyNotByMounter(context, name);
  if (forbidden !== null) return forbidden;
  if (!upper.value.xattrs.has(onLayer.value)) return fail('ENODATA');
  removeXattr(context.world.fs, upper.value, onLayer.value);
  return succeed(null);
}

export function getXattrOf(
  context: Context,
  target: Target,
  name: string,
  size: number,
): Prediction<string> {
  if (isAclName(name)) return getAclOf(context, target, name, size);
  const top = topOf(target.inode);
  const why = whyBadName(name) ?? whyForbidden(context, target.inode, name, MAY_READ);
  if (why !== null) return why;
  const onLayer = nameOnLayer(context, name);
  if (!onLayer.ok) return onLayer;
  const unsupported = whyUnsupported(context, top, onLayer.value);
  if (unsupported !== null) return unsupported;
  if (isHidden(context, name)) return fail('ENODATA');
  const value = top.xattrs.get(onLayer.value);
  if (isUnreadable(value)) return fail(value.unreadable);
  if (typeof value !== 'string') return fail('ENODATA');
  if (size === 0) return succeed(unseenBytes(value.length));
  return value.length > size ? fail('ERANGE') : succeed(value);
}

export function listXattrsOf(
  context: Context,
  { inode }: Target,
  size: number,
): Prediction<readonly string[]> {
  const { world, caller, rule } = context;
  const top = topOf(inode);
  const all = [...top.xattrs.keys()];
  const names = all.filter((name) => !isUnlisted(context, top, name));
  // The layer must have room for the private names too, which are taken out afterwards: one that
  // is an overlay also for what its own mounter may see.
  const gathered = top.base === 'overlay' ? all : names;
  const bytes = gathered.reduce((sum, name) => sum + name.length + 1, top.unlistedBytes ?? 0);
  if (size === 0) return succeed([]);
  if (bytes > size) return fail('ERANGE');
  rule('xattr/private-hidden');
  const { marks } = world.overlay;
  const isShown = (name: string): boolean =>
    !isPrivateXattr(marks, name) && (isRoot(caller) || !name.startsWith('trusted.'));
  return succeed(names.filter(isShown).map((name) => shownXattrName(marks, name)));
}

function whyBadName(name: string): Failure | null {
  return name === '' || name.length > BOUND.nameBytes ? fail('ERANGE') : null;
}

/** What each namespace asks of the caller and of the object. */
function whyForbidden(
  { caller }: Context,
  inode: OvlInode,
  name: string,
  mask: number,
): Failure | null {
  const isWrite = mask === MAY_WRITE;
  const known = knownOf(inode);
  if (name.startsWith('security.') || name.startsWith('system.')) return null;
  if (name.startsWith('trusted.')) {
    if (isRoot(caller)) return null;
    return isWrite ? fail('EPERM') : fail('ENODATA');
  }
  if (name.startsWith('user.')) {
    if (inode.type !== 'file' && inode.type !== 'dir')
      return isWrite ? fail('EPERM') : fail('ENODATA');
    const isStickyDir = inode.type === 'dir' && (known.mode & STICKY) !== 0;
    if (isWrite && isStickyDir && !isOwner(caller, known)) return fail('EPERM');
  }
  return whyNotPermitted(inode, caller, mask);
}

function whyBadCapability(context: Context, name: string, value: string): Failure | null {
  if (!name.startsWith('security.')) return null;
  const isCapability = name === CAPABILITY;
  // An empty value passes every check, and anybody may set it.
  if (isCapability && value === '') return null;
  const isValid = value.length === CAPABILITY_BYTES && CAPABILITY_MAGICS.has(value.slice(0, 4));
  if (isCapability && !isValid) return fail('EINVAL');
  if (isRoot(context.caller) || (!isCapability && mayAnybody(context))) return null;
  return fail('EPERM');
}

/** Private names are refused, or stored under an escaped name. */
function nameOnLayer({ world, rule }: Context, name: string): Prediction<string> {
  const { prefix, escapedPrefix } = world.overlay.marks;
  if (!name.startsWith(prefix)) return succeed(name);
  // With nothing after it, it is the prefix of nothing.
  if (name === prefix) return fail('EINVAL');
  if (escapedPrefix === null) {
    rule('xattr/private-refused');
    return fail('EOPNOTSUPP');
  }
  const escaped = escapedPrefix + name.slice(prefix.length);
  if (escaped.length > BOUND.nameBytes) {
    rule('xattr/escaped-too-long');
    return fail('EOPNOTSUPP');
  }
  rule('xattr/escaped');
  return succeed(escaped);
}

/** What the file system of the layers has no room for. */
function whyUnsupported({ semantics }: Context, inode: RealInode, name: string): Failure | null {
  if (profileOf(inode).escapesMarks && name === 'trusted.overlay.') return fail('EINVAL');
  return keepsXattr(inode, name, semantics) ? null : fail('EOPNOTSUPP');
}
