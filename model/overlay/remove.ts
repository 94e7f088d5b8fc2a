import type { Context } from '../ops/op.ts';
import { isSticky, MAY_EXEC, MAY_WRITE, permits } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OvlDentry } from '../state.ts';
import { topOf } from './inode.ts';
import { inodeOf } from './namei.ts';

/** Whether the caller may take a name out of its directory, and whether its type fits the call. */
export function mayDelete(
  { caller }: Context,
  dentry: OvlDentry,
  { isDir }: { readonly isDir: boolean },
): Prediction<null> {
  const { parent } = dentry;
  if (parent === null) return fail('EBUSY');
  const dir = topOf(inodeOf(parent));
  const victim = topOf(inodeOf(dentry));
  if (!permits(dir, caller, MAY_WRITE | MAY_EXEC)) return fail('EACCES');
  if (isSticky(dir, victim, caller)) return fail('EPERM');
  if (isDir && victim.type !== 'dir') return fail('ENOTDIR');
  if (!isDir && victim.type === 'dir') return fail('EISDIR');
  return succeed(null);
}
