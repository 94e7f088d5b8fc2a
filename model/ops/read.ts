import { readFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const read = defineOp({
  args: { fd: 'fd', size: 'size' },
  syscall: ['read', '$fd', 'out:$size', '$size'],
  result: 'bytes',

  predict(context, { fd, size }) {
    return readFile(context, fd, size, null);
  },
});
