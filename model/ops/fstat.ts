import { defineOp } from './op.ts';

export const fstat = defineOp({
  args: { fd: 'fd' },
  syscall: ['statx', '$fd', '""', 0x1000, 0x7ff, 'out:statx'],
  result: 'stat',

  predict() {
    throw new Error('unwritten');
  },
});
