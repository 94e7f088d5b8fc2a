import { usableFile, writeFile } from '../overlay/file.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Splices bytes from a file of ours to the position of an open one. */
export const sendfileTo = defineOp({
  args: { fd: 'fd', bytes: 'bytes' },
  syscall: 'recipe',
  result: 'count',

  predict(context, { fd, bytes }) {
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const { canWrite, inode, flags } = opened.value;
    if (!canWrite) return fail('EBADF');
    const { sendfileToAppend } = context.semantics.behaviour;
    const mayAppend = inode.type === 'fifo' && sendfileToAppend !== 'EINVAL';
    if (flags.has('O_APPEND') && !mayAppend) return fail('EINVAL');
    context.rule('splice/real-file');
    return writeFile(context, fd, bytes, null);
  },
});
