import { writeBack } from '../memory.ts';
import { letGo } from '../open-file.ts';
import { isVolatile } from '../overlay/file.ts';
import { syncNames } from '../overlay/sync.ts';
import { mountOverlay } from '../overlay/super.ts';
import type { MountView } from '../observation.ts';
import { succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { Overlay, World } from '../state.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

/** Closes and unmaps every slot, unmounts, and mounts the same layers with the same options. */
export const remount = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'mount',

  predict: mountAgain,
});

/** Unmounting writes back what only the upper file system has in memory. */
export function syncAtUnmount(world: World, overlay: Overlay): void {
  if (isVolatile(overlay)) return;
  writeBack(world, () => true);
  syncNames(world);
}

/** All that was open or mapped is gone, and nothing is cached. */
export function mountAgain(context: Context): Prediction<MountView> {
  const { world, semantics, environment, rule } = context;
  letGo(world);
  syncAtUnmount(world, world.overlay);
  rule('mount/again');
  const mounted = mountOverlay(world, world.points, world.options, {
    semantics,
    environment,
    rule,
  });
  if (!mounted.ok) return mounted;
  world.overlay = mounted.value.overlay;
  return succeed(mounted.value.view);
}
