import { defineOp } from './op.ts';

export const write = defineOp({
  args: { fd: 'fd', bytes: 'bytes' },
  syscall: ['write', '$fd', '$bytes', 'len:$bytes'],
  result: 'count',

  predict() {
    throw new Error('unwritten');
  },
});
