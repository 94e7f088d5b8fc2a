import { changeTimes } from '../overlay/attr.ts';
import { succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const utimens = defineOp({
  args: { path: 'path', atime: 'time', mtime: 'time', flags: 'atFlags' },
  syscall: ['utimensat', 'AT_FDCWD', '$path', '$times', '$flags'],
  result: 'none',

  predict(context, { path, atime, mtime, flags }) {
    // Then the kernel does not even look at the path.
    if (atime === 'UTIME_OMIT' && mtime === 'UTIME_OMIT') return succeed(null);
    const found = resolve(context, path, { follow: !flags.includes('AT_SYMLINK_NOFOLLOW') });
    return found.ok ? changeTimes(context, found.value, atime, mtime) : found;
  },
});
