import { truncateOpenFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const ftruncate = defineOp({
  args: { fd: 'fd', offset: 'offset' },
  syscall: ['ftruncate', '$fd', '$offset'],
  result: 'none',

  predict(context, { fd, offset }) {
    return truncateOpenFile(context, fd, offset);
  },
});
