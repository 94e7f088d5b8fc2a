import { defineOp } from './op.ts';

export const syncfs = defineOp({
  args: { fd: 'fd' },
  syscall: ['syncfs', '$fd'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
