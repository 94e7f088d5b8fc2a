import { defineOp } from './op.ts';

export const pread = defineOp({
  args: { fd: 'fd', size: 'size', offset: 'offset' },
  syscall: ['pread64', '$fd', 'out:$size', '$size', '$offset'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
