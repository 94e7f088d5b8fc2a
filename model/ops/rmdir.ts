import { defineOp } from './op.ts';

export const rmdir = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0x200],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
