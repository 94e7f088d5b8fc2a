import { dropCaches as evict } from '../overlay/super.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** A remount without a change: it shrinks this mount's dentry cache and no other. */
export const dropCaches = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict(context) {
    evict(context);
    return succeed(null);
  },
});
