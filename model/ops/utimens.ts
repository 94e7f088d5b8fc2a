import { defineOp } from './op.ts';

export const utimens = defineOp({
  args: { path: 'path', atime: 'time', mtime: 'time', flags: 'atFlags' },
  syscall: ['utimensat', 'AT_FDCWD', '$path', '$times', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
