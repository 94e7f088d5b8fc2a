import { defineOp } from './op.ts';

export const setxattr = defineOp({
  args: { path: 'path', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['setxattr', '$path', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
