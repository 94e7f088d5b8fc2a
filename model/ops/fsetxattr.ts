import { defineOp } from './op.ts';

export const fsetxattr = defineOp({
  args: { fd: 'fd', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['fsetxattr', '$fd', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
