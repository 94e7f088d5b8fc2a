import { defineOp } from './op.ts';

export const open = defineOp({
  args: { slot: 'newFd', path: 'path', flags: 'openFlags', mode: 'mode' },
  syscall: ['openat', 'AT_FDCWD', '$path', '$flags', '$mode'],
  result: 'fd',

  predict() {
    throw new Error('unwritten');
  },
});
