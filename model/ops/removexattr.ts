import { defineOp } from './op.ts';

export const removexattr = defineOp({
  args: { path: 'path', name: 'xattrName' },
  syscall: ['removexattr', '$path', '$name'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
