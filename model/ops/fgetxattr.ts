import { defineOp } from './op.ts';

export const fgetxattr = defineOp({
  args: { fd: 'fd', name: 'xattrName', size: 'size' },
  syscall: ['fgetxattr', '$fd', '$name', 'out:$size', '$size'],
  result: 'bytes',

  predict() {
    throw new Error('unwritten');
  },
});
