import { openFileOf } from '../open-file.ts';
import { topOf } from '../overlay/inode.ts';
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
    const names: string[] = [];
    for (let at = dentry; at.parent !== null; at = at.parent) names.unshift(at.name);
    return succeed(names.length === 0 ? '.' : names.join('/'));
  },
});
