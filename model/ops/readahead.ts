import { usableFile } from '../overlay/file.ts';
import { whyUntold } from '../overlay/told.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const readahead = defineOp({
  args: { fd: 'fd', start: 'size', size: 'size' },
  syscall: ['readahead', '$fd', '$start', '$size'],
  result: 'none',

  predict(context, { fd }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    if (!file.value.canRead) return fail('EBADF');
    if (file.value.inode.type !== 'file') return fail('EINVAL');
    return whyUntold(context, file.value) ?? succeed(null);
  },
});
