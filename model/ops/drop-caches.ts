import { whyReadOnly } from '../overlay/read-only.ts';
import { dropCaches as evict } from '../overlay/evict.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** A remount without a change: it shrinks this mount's dentry cache and no other. */
export const dropCaches = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict(context) {
    evict(context);
    // It asks for a mount to write to, once caches are dropped.
    return whyReadOnly(context) ?? succeed(null);
  },
});
