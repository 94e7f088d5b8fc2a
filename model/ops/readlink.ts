import { topOf } from '../overlay/inode.ts';
import { fail, succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const readlink = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['readlinkat', 'AT_FDCWD', '$path', 'out:$size', '$size'],
  result: 'bytes',

  predict(context, { path, size }) {
    if (size <= 0) return fail('EINVAL');
    const found = resolve(context, path, { follow: false });
    if (!found.ok) return found;
    const top = topOf(found.value.inode);
    return top.type === 'symlink' ? succeed(top.target.slice(0, size)) : fail('EINVAL');
  },
});
