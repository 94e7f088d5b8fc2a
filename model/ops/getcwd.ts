import { openFileOf } from '../open-file.ts';
import { topOf } from '../overlay/inode.ts';
import { pathOf } from '../path-of.ts';
import { MAY_EXEC, permits } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Goes to an open directory, and asks where that is. */
export const getcwd = defineOp({
  args: { fd: 'fd' },
  syscall: 'recipe',
  result: 'path',

  predict({ world, caller, rule }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    const { inode, dentry } = file.value;
    if (inode.type !== 'dir') return fail('ENOTDIR');
    if (!permits(topOf(inode), caller, MAY_EXEC)) return fail('EACCES');
    if (dentry.parent !== null && !dentry.isHashed) return fail('ENOENT');
    rule('getcwd/follows-rename');
    return succeed(pathOf(dentry));
  },
});
