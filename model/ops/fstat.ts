import { openFileOf } from '../open-file.ts';
import { statOf } from '../overlay/inode.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const fstat = defineOp({
  args: { fd: 'fd' },
  syscall: ['statx', '$fd', '""', 0x1000, 0x7ff, 'out:statx'],
  result: 'stat',

  predict(context, { fd }) {
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    return succeed(statOf(context, file.value.dentry, file.value.inode));
  },
});
