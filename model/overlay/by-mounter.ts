import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import { profileOf } from '../bases.ts';
import { isPrivateXattr } from './marks.ts';
import type { RealInode } from '../state.ts';

/** What a mounter that is not root of the machine may not do: xattrs that ask for more, devices. */

export const CAPABILITY = 'security.capability';

/** What the mounter may not read is not there to anybody. */
export function isHidden({ world, rule }: Pick<Context, 'world' | 'rule'>, name: string): boolean {
  if (world.overlay.mounter.isPrivileged || !name.startsWith('trusted.')) return false;
  rule('userns/trusted-not-there');
  return true;
}

/** Some file systems list it all the same, and then there is nothing to read. */
export function isUnlisted(
  context: Pick<Context, 'world' | 'rule'>,
  real: RealInode,
  name: string,
): boolean {
  return isHidden(context, name) && !profileOf(real).listsTrusted;
}

/** The mounter sets and removes what the caller may, if it may so itself. */
export function whyNotByMounter(context: Context, name: string): Failure | null {
  if (isHidden(context, name)) return fail('EPERM');
  if (context.world.overlay.mounter.isPrivileged || !name.startsWith('security.')) return null;
  if (name === CAPABILITY || mayAnybody(context)) return null;
  context.rule('userns/no-security-xattrs');
  return fail('EPERM');
}

/** Set by root of a user namespace they say so, if that is not root of the machine as well. */
export function capabilityOfMounter({ world, rule }: Context, value: string): string {
  const { isPrivileged, uid } = world.overlay.mounter;
  if (isPrivileged || uid === 0 || value === '') return value;
  rule('userns/capability-of-root');
  const root = Array.from({ length: 4 }, (_, byte) => (uid >> (8 * byte)) & 255);
  return `${value.slice(0, 3)}\x03${value.slice(4)}${String.fromCharCode(...root)}`;
}

export function mayAnybody({ semantics }: Context): boolean {
  return semantics.behaviour.securityXattrs === 'anybody';
}

/** What is listed is copied: what then cannot be read or set ends it. */
export function whyXattrNotCopied(context: Context, lower: RealInode): Failure | null {
  const { marks } = context.world.overlay;
  for (const name of lower.xattrs.keys()) {
    if (isUnlisted(context, lower, name) || isPrivateXattr(marks, name)) continue;
    if (isHidden(context, name)) {
      context.rule('userns/listed-not-read');
      return fail('ENODATA');
    }
    const why = whyNotByMounter(context, name);
    if (why !== null) return why;
  }
  return null;
}

/** Device nodes are made by root of the machine. */
export function whyNoDevice(
  { world, rule }: Context,
  { type }: Pick<RealInode, 'type'>,
): Failure | null {
  if (world.overlay.mounter.isPrivileged || (type !== 'chr' && type !== 'blk')) return null;
  rule('userns/no-devices');
  return fail('EPERM');
}
