import { defineOp } from './op.ts';

export const fchmod = defineOp({
  args: { fd: 'fd', mode: 'mode' },
  syscall: ['fchmod', '$fd', '$mode'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
