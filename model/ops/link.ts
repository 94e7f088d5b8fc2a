import { defineOp } from './op.ts';

export const link = defineOp({
  args: { from: 'path', to: 'path', flags: 'atFlags' },
  syscall: ['linkat', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
