import { losesNames } from '../file-flags.ts';
import { removeName } from '../layer.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { findSpot, isReadOnly } from './find.ts';

/** unlinkat(2) on a layer, as root: `whyNot` says what this kind of removal does not take. */
export function removeFromLayer(
  context: Context,
  layer: LayerName,
  path: string,
  {
    ofRoot,
    whyNot,
  }: { readonly ofRoot: Failure; readonly whyNot: (victim: RealInode) => Failure | null },
): Prediction<RealInode> {
  const found = findSpot(context, layer, path);
  if (!found.ok) return found;
  if (found.value === null) return ofRoot;
  const { dir, name, inode } = found.value;
  if (isReadOnly(dir)) return fail('EROFS');
  if (inode === null) return fail('ENOENT');
  if (!losesNames(dir, inode)) return fail('EPERM');
  return whyNot(inode) ?? succeed(removeName(context.world.fs, dir, name));
}
