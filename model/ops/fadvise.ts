import { usableFile } from '../overlay/file.ts';
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
    return file.value.inode.type === 'fifo' ? fail('ESPIPE') : succeed(null);
  },
});
