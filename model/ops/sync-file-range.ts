import { usableFile } from '../overlay/file.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** It looks for pages of the overlay inode, which has none: those of the real file stay dirty. */
export const syncFileRange = defineOp({
  args: { fd: 'fd', start: 'size', size: 'size' },
  syscall: ['sync_file_range', '$fd', '$start', '$size', 7],
  result: 'none',

  predict(context, { fd }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    return file.value.inode.type === 'fifo' ? fail('ESPIPE') : succeed(null);
  },
});
