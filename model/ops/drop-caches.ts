import { defineOp } from './op.ts';

export const dropCaches = defineOp({
  args: {},
  syscall: 'recipe',
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
