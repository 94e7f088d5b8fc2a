import { profileOf } from '../bases.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { mountAgain, syncAtUnmount } from '../ops/remount.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { rootOf } from './find.ts';

/**
 * A change of a layer while nothing is mounted. The result is how it went, as text: what can fail
 * is the mount that follows, and then the scenario is over.
 */
export function editOffline(
  context: Context,
  layer: LayerName,
  edit: () => Prediction<unknown>,
): Prediction<string> {
  const { world } = context;
  world.slots.fill(null);
  world.maps.fill(null);
  world.program = null;
  syncAtUnmount(context);
  context.rule('offline/edit');
  const root = rootOf(context, layer);
  const isReadOnly = root !== undefined && profileOf(root).isReadOnly;
  const edited = isReadOnly ? fail('EROFS') : edit();
  const mounted = mountAgain(context);
  if (!mounted.ok) return mounted;
  return succeed(edited.ok ? 'done' : edited.anyOf.join(' or '));
}
