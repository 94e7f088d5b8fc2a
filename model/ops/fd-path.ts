import { openFileOf } from '../open-file.ts';
import { succeed } from '../prediction.ts';
import { pathOf } from '../path-of.ts';
import { defineOp } from './op.ts';

/** Reads the link in /proc/self/fd: where an open file is now. */
export const fdPath = defineOp({
  args: { fd: 'fd' },
  syscall: 'recipe',
  result: 'path',

  predict({ world, rule }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    const { dentry } = file.value;
    rule('fd-path/follows-rename');
    const isGone = dentry.parent !== null && !dentry.isHashed && !dentry.isDisconnected;
    return succeed(pathOf(dentry) + (isGone ? ' (deleted)' : ''));
  },
});
