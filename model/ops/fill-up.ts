import { profileOf } from '../bases.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/**
 * From now on there is no room on the file system of the upper layer when a step begins, until
 * `makeRoom` or a mount. How much room a file system on a device has for what is its business.
 */
export const fillUp = defineOp({
  args: { room: 'room' },
  syscall: 'recipe',
  result: 'none',

  predict({ world: { fs } }, { room }) {
    if (profileOf(fs).isInMemory) fs.full = room;
    return succeed(null);
  },
});
