import { writeFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const pwrite = defineOp({
  args: { fd: 'fd', bytes: 'bytes', offset: 'offset' },
  syscall: ['pwrite64', '$fd', '$bytes', 'len:$bytes', '$offset'],
  result: 'count',

  predict(context, { fd, bytes, offset }) {
    return writeFile(context, fd, bytes, offset);
  },
});
