import { usableFile } from '../overlay/file.ts';
import { knownOf } from '../overlay/known.ts';
import { isAppendOnly } from '../overlay/protection.ts';
import { isOwner } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

const F_SETFL = 4;
/** What the call replaces of the flags of open(2). */
const REPLACED: ReadonlySet<string> = new Set(['O_APPEND', 'O_NOATIME', 'O_DIRECT']);

/** The open file gets other flags, of which the real file is told when it is used next. */
export const setStatusFlags = defineOp({
  args: { fd: 'fd', flags: 'statusFlags' },
  syscall: ['fcntl', '$fd', F_SETFL, '$flags'],
  result: 'none',

  predict(context, { fd, flags }) {
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const file = opened.value;
    const appends = flags.includes('O_APPEND');
    const isChange = appends !== file.flags.has('O_APPEND');
    if (isChange && isAppendOnly(file.inode)) return fail('EPERM');
    const isNew = flags.includes('O_NOATIME') && !file.flags.has('O_NOATIME');
    if (isNew && !isOwner(context.caller, knownOf(file.inode))) return fail('EPERM');
    if (isChange && file.inode.type === 'file') {
      context.rule('fd/append-is-told');
      file.isUntold = file.isUntold !== true;
    }
    const kept = [...file.flags].filter((flag) => !REPLACED.has(flag));
    file.flags = new Set([...kept, ...flags]);
    return succeed(null);
  },
});
