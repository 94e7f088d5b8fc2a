import { mountAnother } from '../overlay/beside.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';
import { mountAgain } from './remount.ts';

/**
 * Mounts the layers another way between two mounts as before: with other options, or with the lower
 * layers in another order. The result is how that went; what it does to the layers stays.
 */
export const mountOther = defineOp({
  args: { options: 'mountOptions', lowers: 'lowerOrder' },
  syscall: 'recipe',
  result: 'otherMount',

  predict(context, { options, lowers }) {
    const { world } = context;
    const { points } = world;
    const isTurned = lowers === 'reversed';
    const other = {
      ...points,
      lowers: isTurned ? points.lowers.toReversed() : points.lowers,
      lowerPaths: isTurned ? points.lowerPaths.toReversed() : points.lowerPaths,
    };
    const mounted = mountAnother(context, other, options);
    const again = mountAgain(context);
    if (!again.ok) return again;
    return succeed(mounted.ok ? 'mounted' : mounted.anyOf.join(' or '));
  },
});
