import { defineOp } from './op.ts';

export const lseek = defineOp({
  args: { fd: 'fd', offset: 'offset', whence: 'whence' },
  syscall: ['lseek', '$fd', '$offset', '$whence'],
  result: 'count',

  predict() {
    throw new Error('unwritten');
  },
});
