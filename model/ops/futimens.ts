import { defineOp } from './op.ts';

export const futimens = defineOp({
  args: { fd: 'fd', atime: 'time', mtime: 'time' },
  syscall: ['utimensat', '$fd', 0, '$times', 0],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
