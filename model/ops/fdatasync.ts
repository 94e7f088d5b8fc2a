import { defineOp } from './op.ts';

export const fdatasync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fdatasync', '$fd'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
