import type { Context } from '../ops/op.ts';
import { isSticky, MAY_EXEC, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OvlDentry } from '../state.ts';
import { resolveParent } from '../walk.ts';
import { topOf } from './inode.ts';
import { knownOf } from './known.ts';
import { inodeOf, lookup } from './namei.ts';
import { isAppendOnly, isProtected, whyNotPermitted } from './protection.ts';
import { whyReadOnly } from './read-only.ts';

/** What unlink(2) or rmdir(2) is about to take away, if the caller may. */
export function findVictim(
  context: Context,
  path: string,
  { isDir }: { readonly isDir: boolean },
): Prediction<OvlDentry> {
  const above = resolveParent(context, path);
  if (!above.ok) return above;
  if (above.value === null) return fail(isDir ? 'EINVAL' : 'EISDIR');
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  const found = lookup(context, above.value.parent, above.value.name);
  if (!found.ok) return found;
  if (found.value.inode === null) return fail('ENOENT');
  const may = mayDelete(context, found.value, { isDir });
  return may.ok ? found : may;
}

/** Whether the caller may take a name out of its directory, and whether its type fits the call. */
export function mayDelete(
  { caller, rule }: Context,
  dentry: OvlDentry,
  { isDir }: { readonly isDir: boolean },
): Prediction<null> {
  const { parent } = dentry;
  if (parent === null) return fail('EBUSY');
  const dir = inodeOf(parent);
  const inode = inodeOf(dentry);
  const victim = knownOf(inode);
  const why = whyNotPermitted(dir, caller, MAY_WRITE | MAY_EXEC);
  if (why !== null) return why;
  if (isAppendOnly(dir) || isProtected(inode)) {
    rule('flags/no-removal');
    return fail('EPERM');
  }
  if (isSticky(topOf(dir), victim, caller)) return fail('EPERM');
  if (isDir && victim.type !== 'dir') return fail('ENOTDIR');
  if (!isDir && victim.type === 'dir') return fail('EISDIR');
  return succeed(null);
}
