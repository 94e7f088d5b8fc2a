import { usableFile } from '../overlay/file.ts';
import { setXattrOf } from '../overlay/xattr-calls.ts';
import { defineOp } from './op.ts';

export const fsetxattr = defineOp({
  args: { fd: 'fd', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['fsetxattr', '$fd', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict(context, { fd, name, value, flags }) {
    const file = usableFile(context, fd);
    return file.ok ? setXattrOf(context, file.value, name, value, flags) : file;
  },
});
