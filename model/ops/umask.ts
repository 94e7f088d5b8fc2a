import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Stays for all later steps; returns the umask before. */
export const umask = defineOp({
  args: { mode: 'umask' },
  syscall: ['umask', '$mode'],
  result: 'count',

  predict({ world }, { mode }) {
    const old = world.umask;
    world.umask = mode;
    return succeed(old);
  },
});
