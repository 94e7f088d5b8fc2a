import { statOf } from '../overlay/inode.ts';
import { succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const stat = defineOp({
  args: { path: 'path', flags: 'atFlags' },
  syscall: ['statx', 'AT_FDCWD', '$path', '$flags', 0x7ff, 'out:statx'],
  result: 'stat',

  predict(context, { path, flags }) {
    const found = resolve(context, path, { follow: !flags.includes('AT_SYMLINK_NOFOLLOW') });
    if (!found.ok) return found;
    return succeed(statOf(context, found.value.dentry, found.value.inode));
  },
});
