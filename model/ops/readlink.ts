import { defineOp } from './op.ts';

export const readlink = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['readlinkat', 'AT_FDCWD', '$path', 'out:$size', '$size'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
