import { defineOp } from './op.ts';

export const linkFd = defineOp({
  args: { fd: 'fd', to: 'path' },
  syscall: ['linkat', '$fd', '""', 'AT_FDCWD', '$to', 0x1000],
  result: 'none',

  predict() {
    throw new Error('unwritten');
  },
});
