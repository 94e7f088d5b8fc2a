import { defineOp } from './op.ts';

export const fremovexattr = defineOp({
  args: { fd: 'fd', name: 'xattrName' },
  syscall: ['fremovexattr', '$fd', '$name'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
