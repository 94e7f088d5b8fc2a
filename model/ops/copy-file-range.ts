import { copyRange } from '../overlay/copy-range.ts';
import { defineOp } from './op.ts';

export const copyFileRange = defineOp({
  args: { fd: 'fd', offset: 'position', toFd: 'fd', toOffset: 'position', size: 'size' },
  syscall: ['copy_file_range', '$fd', '$offset', '$toFd', '$toOffset', '$size', 0],
  result: 'count',

  predict(context, { fd, offset, toFd, toOffset, size }) {
    return copyRange(context, { fd, offset }, { fd: toFd, offset: toOffset }, size);
  },
});
