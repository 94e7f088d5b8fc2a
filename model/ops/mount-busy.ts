import { mountAnother, pointsBeside, pointsTaking } from '../overlay/beside.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';
import { mountAgain } from './remount.ts';

/**
 * Tries to mount another overlay that takes layers of this one, which is still mounted. Where that
 * is not refused, what either would do to them is anybody's guess: so both are unmounted at once,
 * and this one is mounted again. The result is how the other mount went.
 */
export const mountBusy = defineOp({
  args: { options: 'mountOptions', taken: 'takenLayers' },
  syscall: 'recipe',
  result: 'busyMount',

  predict(context, { options, taken }) {
    const { world } = context;
    const points = pointsTaking(world, pointsBeside(world), taken);
    const mounted = mountAnother(context, points, options);
    const again = mountAgain(context);
    if (!again.ok) return again;
    return succeed(mounted.ok ? 'mounted' : mounted.anyOf.join(' or '));
  },
});
