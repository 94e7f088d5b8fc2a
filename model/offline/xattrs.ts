import { keepsXattr } from '../bases.ts';
import { protectionIn } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { RealInode } from '../state.ts';

/** Why an object of a layer takes no xattr of that name, not even from root. */
export function whyNoXattr(
  { semantics }: Pick<Context, 'semantics'>,
  inode: RealInode,
  name: string,
): Failure | null {
  if (protectionIn(inode.flags).size > 0) return fail('EPERM');
  const isUser = name.startsWith('user.');
  if (isUser && inode.type !== 'file' && inode.type !== 'dir') return fail('EPERM');
  return keepsXattr(inode, name, semantics) ? null : fail('EOPNOTSUPP');
}
