import { defineOp } from './op.ts';

export const symlink = defineOp({
  args: { target: 'target', path: 'path' },
  syscall: ['symlinkat', '$target', 'AT_FDCWD', '$path'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
