import { defineOp } from './op.ts';

export const read = defineOp({
  args: { fd: 'fd', size: 'size' },
  syscall: ['read', '$fd', 'out:$size', '$size'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
