import { openFileOf } from '../open-file.ts';
import { changeTimes } from '../overlay/attr.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const futimens = defineOp({
  args: { fd: 'fd', atime: 'time', mtime: 'time' },
  syscall: ['utimensat', '$fd', 0, '$times', 0],
  result: 'none',

  predict(context, { fd, atime, mtime }) {
    // Then the kernel does not even look at the descriptor.
    if (atime === 'UTIME_OMIT' && mtime === 'UTIME_OMIT') return succeed(null);
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    return changeTimes(context, file.value, atime, mtime);
  },
});
