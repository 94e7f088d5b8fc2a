import { defineOp } from './op.ts';

export const listxattr = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['listxattr', '$path', 'out:$size', '$size'],
  result: 'names',

  predict() {
    throw new Error('unwritten');
  },
});
