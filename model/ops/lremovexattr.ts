import { defineOp } from './op.ts';

export const lremovexattr = defineOp({
  args: { path: 'path', name: 'xattrName' },
  syscall: ['lremovexattr', '$path', '$name'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
