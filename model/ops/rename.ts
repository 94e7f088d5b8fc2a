import { defineOp } from './op.ts';

export const rename = defineOp({
  args: { from: 'path', to: 'path', flags: 'renameFlags' },
  syscall: ['renameat2', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', '$flags'],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
