import { usableFile, writeFile } from '../overlay/file.ts';
import { isAppendOnly } from '../overlay/protection.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** pwrite(2) with flags for this one call; offset -1 is the position of the open file. */
export const pwritev2 = defineOp({
  args: { fd: 'fd', bytes: 'bytes', offset: 'offset', flags: 'rwFlags' },
  syscall: 'recipe',
  result: 'count',

  predict(context, { fd, bytes, offset, flags }) {
    const { semantics, rule } = context;
    if (offset < -1) return fail('EINVAL');
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const file = opened.value;
    if (offset !== -1 && file.inode.type === 'fifo') return fail('ESPIPE');
    if (!file.canWrite) return fail('EBADF');
    if (bytes === '') return succeed(0);
    const noAppend = flags.includes('RWF_NOAPPEND');
    if (noAppend && !semantics.features.has('rwf-noappend')) return fail('EOPNOTSUPP');
    if (noAppend && flags.includes('RWF_APPEND')) return fail('EINVAL');
    if (flags.includes('RWF_NOWAIT')) return fail('EOPNOTSUPP');
    const isAppend = file.flags.has('O_APPEND');
    if (noAppend && isAppend && isAppendOnly(file.inode)) return fail('EPERM');
    // The real file is open with O_APPEND itself, and does not hear that it should not append.
    if (noAppend && isAppend) rule('write/noappend-is-lost');
    const isHeard = semantics.behaviour.appendFlag === 'appends';
    const appends = isHeard && flags.includes('RWF_APPEND');
    if (appends) rule('write/append-flag');
    const syncs = flags.includes('RWF_SYNC') || flags.includes('RWF_DSYNC');
    return writeFile(context, fd, bytes, offset === -1 ? null : offset, { appends, syncs });
  },
});
