import { keepsXattr } from '../bases.ts';
import { takesAttributes } from '../file-system.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { findChangeable } from './find.ts';

/** The object at a path on a layer, if it takes an xattr of that name. */
export function findMarkable(
  context: Context,
  layer: LayerName,
  path: string,
  name: string,
): Prediction<RealInode> {
  const found = findChangeable(context, layer, path);
  return found.ok ? (whyNoXattr(context, found.value, name) ?? found) : found;
}

/** Why an object of a layer takes no xattr of that name, not even from root. */
function whyNoXattr(
  { semantics, world }: Pick<Context, 'semantics' | 'world'>,
  inode: RealInode,
  name: string,
): Failure | null {
  if (!takesAttributes(world.fs, inode)) return fail('EPERM');
  const isUser = name.startsWith('user.');
  if (isUser && inode.type !== 'file' && inode.type !== 'dir') return fail('EPERM');
  return keepsXattr(inode, name, semantics) ? null : fail('EOPNOTSUPP');
}
