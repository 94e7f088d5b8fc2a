import { defineOp } from './op.ts';

export const close = defineOp({
  args: { fd: 'fd' },
  syscall: ['close', '$fd'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
