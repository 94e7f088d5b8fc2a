import { tellUsed } from '../notify.ts';
import { isRunning } from '../overlay/running.ts';
import { truncatePath } from '../overlay/file.ts';
import { topOf } from '../overlay/inode.ts';
import { isAppendOnly, whyNotPermitted } from '../overlay/protection.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { MAY_WRITE } from '../permission.ts';
import { fail } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const truncate = defineOp({
  args: { path: 'path', offset: 'offset' },
  syscall: ['truncate', '$path', '$offset'],
  result: 'none',

  predict(context, { path, offset }) {
    if (offset < 0) return fail('EINVAL');
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    const { inode } = found.value;
    if (inode.type === 'dir') return fail('EISDIR');
    if (inode.type !== 'file') return fail('EINVAL');
    const why = whyReadOnly(context) ?? whyNotPermitted(inode, context.caller, MAY_WRITE);
    if (why !== null) return why;
    if (isAppendOnly(inode)) return fail('EPERM');
    if (isRunning(context, inode)) return fail('ETXTBSY');
    const { mode } = topOf(inode);
    const truncated = truncatePath(context, found.value, offset);
    const isLess = topOf(inode).mode !== mode;
    const event = isLess ? 'IN_MODIFY|IN_ATTRIB' : 'IN_MODIFY';
    if (truncated.ok) tellUsed(context, found.value, event);
    return truncated;
  },
});
