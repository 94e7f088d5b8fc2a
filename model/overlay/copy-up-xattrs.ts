import { isOwnForm, keepXattr } from '../acl.ts';
import { keepsXattr } from '../bases.ts';
import { isUnreadable } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { isHidden, whyXattrNotCopied } from './by-mounter.ts';
import { isPrivateXattr } from './marks.ts';

/** The copy is given up when an xattr cannot be read, or not be set. */
export function whyNotCopied(context: Context, lower: RealInode): Failure | null {
  const { semantics, rule } = context;
  const why = whyXattrNotCopied(context, lower);
  if (why !== null) return why;
  if (semantics.behaviour.unreadableCapability === 'is not copied') return null;
  for (const value of lower.xattrs.values()) {
    if (!isUnreadable(value)) continue;
    rule('copy-up/unreadable-xattr');
    return fail(value.unreadable);
  }
  return null;
}

/** Every xattr that is not private, as the layer's mount shows it and the upper file system can. */
export function copyXattrs(context: Context, lower: RealInode, upper: RealInode): void {
  const { world, semantics, rule } = context;
  for (const [name, value] of lower.xattrs) {
    if (isPrivateXattr(world.overlay.marks, name) || isUnreadable(value)) continue;
    if (isHidden(context, name)) continue;
    // What the upper file system has no room for is left behind.
    if (!keepsXattr(upper, name, semantics)) continue;
    rule('copy-up/xattrs');
    if (!isOwnForm(upper, name)) keepXattr(upper, name, value);
    else if (upper.xattrs.get(name) !== value) rule('copy-up/mapped-list');
  }
}
