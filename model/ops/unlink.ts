import { defineOp } from './op.ts';

export const unlink = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
