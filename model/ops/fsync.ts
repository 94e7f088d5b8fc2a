import { defineOp } from './op.ts';

export const fsync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fsync', '$fd'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
