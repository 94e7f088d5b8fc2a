import { isKept, takesNames } from '../file-flags.ts';
import { linkName } from '../layer.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { findFree, findObject } from './find.ts';

/** linkat(2) within a layer, as root: symlinks get names themselves. */
export function linkOnLayer(
  context: Context,
  layer: LayerName,
  from: string,
  to: string,
): Prediction<null> {
  const old = findObject(context, layer, from);
  if (!old.ok) return old;
  const free = findFree(context, layer, to);
  if (!free.ok) return free;
  const { dir, name } = free.value;
  if (!takesNames(dir) || isKept(old.value) || old.value.type === 'dir') return fail('EPERM');
  context.rule('offline/linked');
  linkName(context.world.fs, dir, name, old.value);
  return succeed(null);
}
