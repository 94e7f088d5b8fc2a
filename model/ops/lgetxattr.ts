import { defineOp } from './op.ts';

export const lgetxattr = defineOp({
  args: { path: 'path', name: 'xattrName', size: 'size' },
  syscall: ['lgetxattr', '$path', '$name', 'out:$size', '$size'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
