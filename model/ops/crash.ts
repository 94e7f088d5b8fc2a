import { defineOp } from './op.ts';
import { mountAgain } from './remount.ts';

/**
 * The file system under the upper layer stops at once, as if power was lost; then it and the
 * overlay are mounted again. What had not reached the disk is gone, which is predicted no further:
 * what must be there is the law of a property of its own.
 */
export const crash = defineOp({
  args: { journal: 'journal' },
  syscall: 'recipe',
  result: 'mount',

  predict(context) {
    context.rule('crash/mounts-again');
    context.world.isOrderOpen = true;
    return mountAgain(context);
  },
});
