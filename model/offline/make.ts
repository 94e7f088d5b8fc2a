import { inheritFlags, takesNames } from '../file-flags.ts';
import { inherit } from '../acl.ts';
import { fsOf } from '../file-system.ts';
import { addName, newInode } from '../layer.ts';
import type { NewInode } from '../layer.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { ownerOfNew } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { findFree } from './find.ts';

/** Makes an object at a free name of a layer, as root. */
export function makeOnLayer(
  context: Context,
  layer: LayerName,
  path: string,
  init: Omit<NewInode, 'uid' | 'gid'>,
): Prediction<RealInode> {
  const { world, caller } = context;
  const free = findFree(context, layer, path);
  if (!free.ok) return free;
  const { dir, name } = free.value;
  if (!takesNames(dir)) return fail('EPERM');
  const inode = newInode(fsOf(world.fs, dir), {
    ...init,
    ...ownerOfNew(dir, caller, init.type, init.mode),
  });
  inherit(dir, inode, world.umask);
  inheritFlags(dir, inode);
  addName(world.fs, dir, name, inode);
  return succeed(inode);
}
