import { tellRemoved } from '../notify.ts';
import { removeAt } from '../overlay/dir.ts';
import { findVictim } from '../overlay/remove.ts';
import { defineOp } from './op.ts';

export const unlink = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'none',

  predict(context, { path }) {
    const victim = findVictim(context, path, { isDir: false });
    if (!victim.ok) return victim;
    const removed = removeAt(context, victim.value);
    if (removed.ok) tellRemoved(context, victim.value);
    return removed;
  },
});
