import { defineOp } from './op.ts';

export const statfs = defineOp({
  args: { path: 'path' },
  syscall: ['statfs', '$path', 'out:statfs'],
  result: 'statfs',

  predict() {
    throw new Error('unwritten');
  },
});
