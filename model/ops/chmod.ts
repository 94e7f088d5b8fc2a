import { defineOp } from './op.ts';

export const chmod = defineOp({
  args: { path: 'path', mode: 'mode' },
  syscall: ['fchmodat', 'AT_FDCWD', '$path', '$mode'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
