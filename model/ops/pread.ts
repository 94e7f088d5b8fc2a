import { readFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const pread = defineOp({
  args: { fd: 'fd', size: 'size', offset: 'offset' },
  syscall: ['pread64', '$fd', 'out:$size', '$size', '$offset'],
  result: 'bytes',

  predict(context, { fd, size, offset }) {
    return readFile(context, fd, size, offset);
  },
});
