import { cloneFile } from '../overlay/copy-range.ts';
import { defineOp } from './op.ts';

const FICLONE = 0x4004_9409;

export const clone = defineOp({
  args: { fd: 'fd', fromFd: 'fd' },
  syscall: ['ioctl', '$fd', FICLONE, '$fromFd'],
  result: 'none',

  predict(context, { fd, fromFd }) {
    return cloneFile(context, fd, fromFd);
  },
});
