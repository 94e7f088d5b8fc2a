import { changeMode } from '../overlay/attr.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { fail } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const fchmodat2 = defineOp({
  args: { path: 'path', mode: 'mode', flags: 'atFlags' },
  syscall: ['fchmodat2', 'AT_FDCWD', '$path', '$mode', '$flags'],
  result: 'none',

  predict(context, { path, mode, flags }) {
    if (!context.semantics.features.has('fchmodat2')) return fail('ENOSYS');
    if (flags.includes('AT_SYMLINK_FOLLOW') || flags.includes('AT_EACCESS')) return fail('EINVAL');
    const found = resolve(context, path, { follow: !flags.includes('AT_SYMLINK_NOFOLLOW') });
    if (!found.ok) return found;
    const why = whyReadOnly(context);
    if (why !== null) return why;
    if (found.value.inode.type === 'symlink') {
      context.rule('chmod/no-symlink');
      return fail('EOPNOTSUPP');
    }
    return changeMode(context, found.value, mode);
  },
});
