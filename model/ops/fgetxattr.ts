import { usableFile } from '../overlay/file.ts';
import { getXattrOf } from '../overlay/xattr-calls.ts';
import { defineOp } from './op.ts';

export const fgetxattr = defineOp({
  args: { fd: 'fd', name: 'xattrName', size: 'size' },
  syscall: ['fgetxattr', '$fd', '$name', 'out:$size', '$size'],
  result: 'bytes',

  predict(context, { fd, name, size }) {
    const file = usableFile(context, fd);
    return file.ok ? getXattrOf(context, file.value, name, size) : file;
  },
});
