import { defineOp } from './op.ts';

export const mknod = defineOp({
  args: { path: 'path', mode: 'mode', device: 'device' },
  syscall: 'recipe',
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
