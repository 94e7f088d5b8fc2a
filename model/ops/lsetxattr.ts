import { defineOp } from './op.ts';

export const lsetxattr = defineOp({
  args: { path: 'path', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['lsetxattr', '$path', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
