import { syncOutside } from '../overlay/second.ts';
import { defineOp } from './op.ts';

/** Syncs by a file that is open beside the overlay; `FIEMAP` writes its data and tells nobody. */
export const outsideSync = defineOp({
  args: { outside: 'outside', how: 'syncCall' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { outside, how }) {
    return syncOutside(context, outside, how);
  },
});
