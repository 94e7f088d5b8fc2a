import { removeAt } from '../overlay/dir.ts';
import { mayDelete } from '../overlay/remove.ts';
import { fail } from '../prediction.ts';
import { resolvePlace } from '../walk.ts';
import { defineOp } from './op.ts';

export const unlink = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'none',

  predict(context, { path }) {
    const place = resolvePlace(context, path, { follow: false });
    if (!place.ok) return place;
    if (place.value === null) return fail('EISDIR');
    const { dentry } = place.value;
    if (dentry.inode === null) return fail('ENOENT');
    const may = mayDelete(context, dentry, { isDir: false });
    return may.ok ? removeAt(context, dentry) : may;
  },
});
