import { mountAnother, pointsBeside } from '../overlay/beside.ts';
import { succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { chmod } from './chmod.ts';
import { defineOp } from './op.ts';
import type { ArgKinds, Context } from './op.ts';
import { open } from './open.ts';
import { pwrite } from './pwrite.ts';
import { syncAtUnmount } from './remount.ts';
import { rmdir } from './rmdir.ts';
import { unlink } from './unlink.ts';

/** What a file made or written through the other overlay gets, and its mode. */
export const BESIDE_BYTES = 'beside';
export const BESIDE_MODE = 0o700;

/**
 * Mounts another overlay of the same lower layers while this one stays as it is, changes one thing
 * through it and unmounts it. Its own upper layer stays for the next time. The result is how the
 * mount went, or the change.
 */
export const mountBeside = defineOp({
  args: { options: 'mountOptions', change: 'besideChange', path: 'path' },
  syscall: 'recipe',
  result: 'beside',

  predict(context, { options, change, path }) {
    const { world, rule } = context;
    const points = pointsBeside(world);
    const mounted = mountAnother(context, points, options);
    if (!mounted.ok) return succeed(mounted.anyOf.join(' or '));
    rule('beside/shares-lowers');
    const beside = {
      ...world,
      ...{ points, options, overlay: mounted.value.overlay, program: null },
      slots: world.slots.map(() => null),
      maps: world.maps.map(() => null),
    };
    const changed = predictChange({ ...context, world: beside }, change, path);
    // Their upper layers are on one file system.
    syncAtUnmount(world, beside.overlay);
    world.isOrderOpen ||= beside.isOrderOpen;
    return succeed(changed.ok ? 'mounted' : `mounted, ${changed.anyOf.join(' or ')}`);
  },
});

function predictChange(
  context: Context,
  change: ArgKinds['besideChange'],
  path: string,
): Prediction<unknown> {
  const mode = BESIDE_MODE;
  switch (change) {
    case 'none':
      return succeed(null);
    case 'create':
    case 'write': {
      const flags =
        change === 'create'
          ? (['O_WRONLY', 'O_CREAT', 'O_EXCL'] as const)
          : (['O_WRONLY'] as const);
      const opened = open.predict(context, { slot: 0, path, flags, mode });
      if (!opened.ok) return opened;
      return pwrite.predict(context, { fd: 0, bytes: BESIDE_BYTES, offset: 0 });
    }
    case 'chmod':
      return chmod.predict(context, { path, mode });
    case 'unlink':
      return unlink.predict(context, { path });
    case 'rmdir':
      return rmdir.predict(context, { path });
  }
}
