import { removeAt } from '../overlay/dir.ts';
import { lookup } from '../overlay/namei.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { mayDelete } from '../overlay/remove.ts';
import { fail } from '../prediction.ts';
import { resolveParent } from '../walk.ts';
import { defineOp } from './op.ts';

export const unlink = defineOp({
  args: { path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'none',

  predict(context, { path }) {
    const above = resolveParent(context, path);
    if (!above.ok) return above;
    if (above.value === null) return fail('EISDIR');
    const readOnly = whyReadOnly(context);
    if (readOnly !== null) return readOnly;
    const found = lookup(context, above.value.parent, above.value.name);
    if (!found.ok) return found;
    const dentry = found.value;
    if (dentry.inode === null) return fail('ENOENT');
    const may = mayDelete(context, dentry, { isDir: false });
    return may.ok ? removeAt(context, dentry) : may;
  },
});
