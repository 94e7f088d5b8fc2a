import { defineOp } from './op.ts';

export const access = defineOp({
  args: { path: 'path', mode: 'accessMode', flags: 'atFlags' },
  syscall: ['faccessat2', 'AT_FDCWD', '$path', '$mode', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
