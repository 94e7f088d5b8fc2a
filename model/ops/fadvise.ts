import { usableFile } from '../overlay/file.ts';
import { whyUntold } from '../overlay/told.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** POSIX_FADV_WILLNEED, which goes to the real file. */
export const fadvise = defineOp({
  args: { fd: 'fd', start: 'size', size: 'size' },
  syscall: ['fadvise64', '$fd', '$start', '$size', 3],
  result: 'none',

  predict(context, { fd }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    if (file.value.inode.type === 'fifo') return fail('ESPIPE');
    return whyUntold(context, file.value) ?? succeed(null);
  },
});
