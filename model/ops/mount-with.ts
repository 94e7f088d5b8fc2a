import { defineOp } from './op.ts';
import { mountAgain } from './remount.ts';

/**
 * Unmounts, and goes on with a mount of the same layers that has other options: what one of them
 * left in the layers is read by the next.
 */
export const mountWith = defineOp({
  args: { options: 'mountOptions' },
  syscall: 'recipe',
  result: 'mount',

  predict(context, { options }) {
    context.world.options = options;
    return mountAgain(context);
  },
});
