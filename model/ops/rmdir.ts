import { removeAt, whyNotEmpty } from '../overlay/dir.ts';
import { mayDelete } from '../overlay/remove.ts';
import { fail } from '../prediction.ts';
import { resolvePlace } from '../walk.ts';
import { defineOp } from './op.ts';

export const rmdir = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0x200],
  result: 'none',

  predict(context, { path }) {
    const place = resolvePlace(context, path, { follow: false });
    if (!place.ok) return place;
    if (place.value === null) return fail('EINVAL');
    const { dentry } = place.value;
    if (dentry.inode === null) return fail('ENOENT');
    const may = mayDelete(context, dentry, { isDir: true });
    if (!may.ok) return may;
    return whyNotEmpty(context, dentry) ?? removeAt(context, dentry);
  },
});
