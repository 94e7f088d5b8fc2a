import type { Context } from '../ops/op.ts';
import { isOwner, MAY_READ, MAY_WRITE } from '../permission.ts';
import { fail } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OvlDentry, OvlInode } from '../state.ts';
import { mayCreate } from './create.ts';
import type { Place } from '../walk.ts';
import { linkAt } from './dir.ts';
import { topOf } from './inode.ts';
import { knownOf } from './known.ts';
import { whyReadOnly } from './read-only.ts';
import { isProtected, whyNotPermitted } from './protection.ts';

const SET_UID = 0o4000;
const SET_GID_AND_EXEC = 0o2010;

/** linkat(2) once both ends are known: who may link what, then the link. */
export function linkTo(
  context: Context,
  old: { readonly dentry: OvlDentry; readonly inode: OvlInode },
  free: Place,
): Prediction<null> {
  const why = whyReadOnly(context);
  if (why !== null) return why;
  const top = topOf(old.inode);
  if (context.environment.protectedHardlinks && !isSafeSource(context, old.inode))
    return fail('EPERM');
  const place = mayCreate(context, free);
  if (!place.ok) return place;
  if (top.type === 'dir' || isProtected(old.inode)) return fail('EPERM');
  if (old.inode.vfsNlink === 0 && !old.inode.isLinkable) return fail('ENOENT');
  return linkAt(context, old.dentry, place.value);
}

/** Under protected_hardlinks: a regular file without privileges that the caller may change. */
function isSafeSource({ caller }: Context, inode: OvlInode): boolean {
  const top = knownOf(inode);
  if (isOwner(caller, top)) return true;
  if (top.type !== 'file' || (top.mode & SET_UID) !== 0) return false;
  if ((top.mode & SET_GID_AND_EXEC) === SET_GID_AND_EXEC) return false;
  return whyNotPermitted(inode, caller, MAY_READ | MAY_WRITE) === null;
}
