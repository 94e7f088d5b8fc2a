import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** What is written to the device under the upper layer stays there again. */
export const repairDevice = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict({ world }) {
    if (world.fs.faults !== null) world.fs.faults.isFailing = false;
    return succeed(null);
  },
});
