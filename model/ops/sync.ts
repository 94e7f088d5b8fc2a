import { writeBack } from '../memory.ts';
import { syncNames } from '../overlay/sync.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** It writes all that there is, and tells nobody how it went. */
export const sync = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict({ world, rule }) {
    rule('sync/tells-nobody');
    writeBack(world, () => true);
    syncNames(world);
    return succeed(null);
  },
});
