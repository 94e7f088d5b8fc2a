import { defineOp } from './op.ts';

export const stat = defineOp({
  args: { path: 'path', flags: 'atFlags' },
  syscall: ['statx', 'AT_FDCWD', '$path', '$flags', 0x7ff, 'out:statx'],
  result: 'stat',

  predict() {
    throw new Error('unwritten');
  },
});
