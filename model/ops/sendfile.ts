import { readBySplicing } from '../memory.ts';
import { readFile, usableFile } from '../overlay/file.ts';
import { dataOf } from '../overlay/inode.ts';
import { whyUntold } from '../overlay/told.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Splices from a file to one of ours, and tells what arrived there. */
export const sendfile = defineOp({
  args: { fd: 'fd', offset: 'position', size: 'size' },
  syscall: 'recipe',
  result: 'bytes',

  predict(context, { fd, offset, size }) {
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const { canRead, inode } = opened.value;
    if (!canRead) return fail('EBADF');
    if (offset !== null && inode.type === 'fifo') return fail('ESPIPE');
    if (offset !== null && offset < 0) return fail('EINVAL');
    // What cannot be spliced from is refused by some kernels even if nothing is asked for.
    if (inode.type !== 'file' && size === 0) return { ok: true, value: '', unless: ['EINVAL'] };
    if (inode.type !== 'file') return fail('EINVAL');
    context.rule('splice/real-file');
    const untold = size === 0 ? null : whyUntold(context, opened.value);
    if (untold !== null) return untold;
    const at = offset ?? opened.value.position;
    const end = readBySplicing(context, dataOf(inode), at, at + size);
    if (end === at && size > 0) return fail('ENOSPC');
    return readFile(context, fd, end - at, offset);
  },
});
