import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import { whyNoXattr } from '../room.ts';
import type { OvlDentry } from '../state.ts';
import { inodeOf } from './namei.ts';
import { setRedirectXattr } from './xattrs.ts';

/** The module parameter redirect_max: a longer absolute redirect is not made. */
const REDIRECT_BYTES_MAX = 256;

/**
 * Before an object that has something below moves away from its name: upper notes the name, which
 * is enough in the same directory, or the path from the root. A path that is noted stays right.
 */
export function setRedirect(
  context: Context,
  dentry: OvlDentry,
  { isSameParent }: { readonly isSameParent: boolean },
): Failure | null {
  const { world, rule } = context;
  const inode = inodeOf(dentry);
  const { upper, redirect } = inode;
  if (upper === null) throw new Error(`${dentry.name} is not in the upper layer`);
  const needsPath = !isSameParent || isLinkedBelow(dentry);
  if (redirect !== null && (!needsPath || redirect.startsWith('/'))) {
    rule('redirect/kept');
    return null;
  }
  const made = needsPath ? pathBelow(dentry) : dentry.name;
  if (needsPath && made.length > REDIRECT_BYTES_MAX) {
    rule('redirect/too-long');
    return fail('EXDEV');
  }
  if (whyNoXattr(context) !== null) return fail('EXDEV');
  rule(needsPath ? 'redirect/made-absolute' : 'redirect/made-relative');
  setRedirectXattr(world, upper, made);
  inode.redirect = made;
  return null;
}

/** A further name of the file needs a redirect that does not depend on where it is. */
function isLinkedBelow(dentry: OvlDentry): boolean {
  const { type, lowers } = inodeOf(dentry);
  return type !== 'dir' && (lowers[0]?.nlink ?? 1) > 1;
}

/** The path from the root as the lower layers have it: each directory by its own redirect. */
function pathBelow(dentry: OvlDentry): string {
  let path = '';
  for (let at = dentry; at.parent !== null; at = at.parent) {
    path = (at.inode?.redirect ?? at.name) + path;
    if (path.startsWith('/')) break;
    path = `/${path}`;
  }
  return path;
}
