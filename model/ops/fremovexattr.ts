import { usableFile } from '../overlay/file.ts';
import { removeXattrOf } from '../overlay/xattr-calls.ts';
import { defineOp } from './op.ts';

export const fremovexattr = defineOp({
  args: { fd: 'fd', name: 'xattrName' },
  syscall: ['fremovexattr', '$fd', '$name'],
  result: 'none',

  predict(context, { fd, name }) {
    const file = usableFile(context, fd);
    return file.ok ? removeXattrOf(context, file.value, name) : file;
  },
});
