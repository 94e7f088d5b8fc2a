import { defineOp } from './op.ts';

export const ftruncate = defineOp({
  args: { fd: 'fd', offset: 'offset' },
  syscall: ['ftruncate', '$fd', '$offset'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
