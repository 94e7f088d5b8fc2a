import { seekFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const lseek = defineOp({
  args: { fd: 'fd', offset: 'offset', whence: 'whence' },
  syscall: ['lseek', '$fd', '$offset', '$whence'],
  result: 'count',

  predict(context, { fd, offset, whence }) {
    return seekFile(context, fd, offset, whence);
  },
});
