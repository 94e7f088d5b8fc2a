import { defineOp } from './op.ts';

export const mkdir = defineOp({
  args: { path: 'path', mode: 'mode' },
  syscall: ['mkdirat', 'AT_FDCWD', '$path', '$mode'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
