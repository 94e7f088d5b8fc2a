import { defineOp } from './op.ts';

export const truncate = defineOp({
  args: { path: 'path', offset: 'offset' },
  syscall: ['truncate', '$path', '$offset'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
