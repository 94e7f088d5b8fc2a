import { defineOp } from './op.ts';

export const getdents = defineOp({
  args: { fd: 'fd', size: 'size' },
  syscall: ['getdents64', '$fd', 'out:$size', '$size'],
  result: 'dirents',

  predict() {
    throw new Error('unwritten');
  },
});
