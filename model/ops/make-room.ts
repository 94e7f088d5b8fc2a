import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** What took all the room is gone. */
export const makeRoom = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict({ world }) {
    world.fs.full = null;
    return succeed(null);
  },
});
