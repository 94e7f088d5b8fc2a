import { defineOp } from './op.ts';

export const llistxattr = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['llistxattr', '$path', 'out:$size', '$size'],
  result: 'names',

  predict() {
    throw new Error('unwritten');
  },
});
