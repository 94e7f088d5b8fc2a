import { defineOp } from './op.ts';

export const getxattr = defineOp({
  args: { path: 'path', name: 'xattrName', size: 'size' },
  syscall: ['getxattr', '$path', '$name', 'out:$size', '$size'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
