import { letGo } from '../open-file.ts';
import type { Context } from '../ops/op.ts';
import { mountAgain, syncAtUnmount } from '../ops/remount.ts';
import { sayOutcome, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';

/**
 * A change of a layer while nothing is mounted. The result is how it went, as text: what can fail
 * is the mount that follows, and then the scenario is over.
 */
export function editOffline(context: Context, edit: () => Prediction<unknown>): Prediction<string> {
  letGo(context.world);
  syncAtUnmount(context.world, context.world.overlay);
  context.rule('offline/edit');
  const edited = edit();
  const mounted = mountAgain(context);
  if (!mounted.ok) return mounted;
  return succeed(sayOutcome(edited));
}
