import { writeFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const write = defineOp({
  args: { fd: 'fd', bytes: 'bytes' },
  syscall: ['write', '$fd', '$bytes', 'len:$bytes'],
  result: 'count',

  predict(context, { fd, bytes }) {
    return writeFile(context, fd, bytes, null);
  },
});
