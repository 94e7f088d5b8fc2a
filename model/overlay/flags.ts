import { changeFlags, isGuarded, isKept, keepsFlags, protectionIn } from '../file-flags.ts';
import type { ToldFlag, FileFlag, ProtectionFlag } from '../flags.ts';
import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoXattr } from '../room.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { OvlInode, RealInode } from '../state.ts';
import { protectionXattrOf, removeProtection, setProtectionXattr } from './xattrs.ts';
import { takesMark } from './xattrs.ts';
import type { Marking } from './xattrs.ts';

/**
 * Flags of files through the overlay. A copy in the upper layer must stay open to changes that the
 * overlay itself makes, so what forbids changes is kept beside it, in an xattr.
 */

type Asked = Pick<Context, 'semantics'>;

const NONE: ReadonlySet<never> = new Set();
/** Flags that copy-up hands on. */
const COPIED: readonly FileFlag[] = ['FS_SYNC_FL', 'FS_NOATIME_FL'];

/** What a new overlay inode forbids: what its real one does, and what upper has noted. */
export function protectionOf(
  { semantics, world }: Asked & { readonly world: Pick<Marking, 'overlay'> },
  upper: RealInode | null,
  lower: RealInode | undefined,
): ReadonlySet<ProtectionFlag> {
  const top = upper ?? lower;
  const own = top === undefined ? NONE : protectionIn(top.flags);
  if (upper === null || !isKeptApart(semantics)) return own;
  const noted = protectionXattrOf(world.overlay.marks, upper);
  return noted === null ? own : new Set([...own, ...noted]);
}

/** All flags of an object, as the overlay tells them. */
export function flagsOf(
  { semantics }: Asked,
  { protection }: OvlInode,
  { flags }: RealInode,
): ReadonlySet<FileFlag> {
  if (protection.size === 0 || !isKeptApart(semantics)) return flags;
  return new Set([...flags, ...protection]);
}

/** What a new copy gets of the flags of the lower object. */
export function copyFlags(
  context: Context,
  inode: OvlInode,
  lower: RealInode,
  upper: RealInode,
): Failure | null {
  const { semantics, rule } = context;
  if (lower.flags.has('FS_NOATIME_FL')) inode.keepsAtime = true;
  if (lower.flags.size === 0 || !isKeptApart(semantics)) return null;
  const protection = protectionIn(lower.flags);
  if (protection.size > 0) {
    rule('flags/protection-in-xattr');
    noteProtection(context, inode, upper, protection);
  }
  const copied = COPIED.filter((flag) => lower.flags.has(flag));
  if (copied.length === 0 || !keepsFlags(upper, semantics)) return null;
  rule('flags/copied-up');
  const changed = changeFlags(upper, new Set(copied), semantics);
  return changed.ok ? null : changed;
}

/** Replaces the flags of an upper object; what forbids changes goes to its xattr first. */
export function storeFlags(
  context: Context,
  inode: OvlInode,
  upper: RealInode,
  flags: ReadonlySet<ToldFlag>,
): Prediction<null> {
  const { semantics } = context;
  delete inode.keepsAtime;
  if (!isKeptApart(semantics)) {
    const changed = changeFlags(upper, flags, semantics);
    if (changed.ok) inode.protection = protectionIn(flags);
    return changed;
  }
  const wanted = protectionIn(flags);
  const why = noteProtection(context, inode, upper, wanted);
  if (why !== null) return why;
  if (wanted.size > 0) context.rule('flags/protection-in-xattr');
  // What the upper file system does not know is refused when the protection is in place.
  return changeFlags(upper, withoutProtection(flags), semantics);
}

/** A real file that is protected itself takes no xattr. */
function noteProtection(
  context: Context,
  inode: OvlInode,
  upper: RealInode,
  protection: ReadonlySet<ProtectionFlag>,
): Failure | null {
  const isChange = protection.size > 0 || inode.protection.size > 0;
  if (isChange && protectionIn(upper.flags).size > 0) return fail('EPERM');
  if (protection.size > 0 && !takesMark(context.world.overlay.marks, upper)) return fail('EPERM');
  const noRoom = protection.size > 0 ? whyNoXattr(context) : null;
  if (noRoom !== null) return noRoom;
  if (protection.size > 0) setProtectionXattr(context.world, upper, protection);
  else if (isChange) removeProtection(context.world, upper);
  inode.protection = protection;
  return null;
}

/** What is immutable or append-only on the upper file system is so for the overlay itself, too. */
export function whyRealKept({ rule }: Pick<Context, 'rule'>, isForbidden: boolean): Failure | null {
  if (!isForbidden) return null;
  rule('flags/real-file-forbids');
  return fail('EPERM');
}

/** Attributes of such a file are never changed. */
export function whyFixed(context: Pick<Context, 'rule'>, real: RealInode): Failure | null {
  return whyRealKept(context, real.flags.has('FS_IMMUTABLE_FL'));
}

/** Neither are owner, mode, given times, xattrs and names of one that is append-only. */
export function whyKept(context: Pick<Context, 'rule'>, real: RealInode): Failure | null {
  return whyRealKept(context, isKept(real));
}

/** Nor is what it has in it, wherever that is the file system's own rule, too. */
export function whyGuarded(context: Pick<Context, 'rule'>, real: RealInode): Failure | null {
  return whyRealKept(context, isGuarded(real));
}

function isKeptApart({ behaviour }: Semantics): boolean {
  return behaviour.protectionOfUpper === 'in an xattr';
}

function withoutProtection(flags: ReadonlySet<ToldFlag>): ReadonlySet<ToldFlag> {
  const others = new Set(flags);
  for (const flag of protectionIn(flags)) others.delete(flag);
  return others;
}
