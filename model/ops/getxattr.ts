import { getXattrOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const getxattr = defineOp({
  args: { path: 'path', name: 'xattrName', size: 'size' },
  syscall: ['getxattr', '$path', '$name', 'out:$size', '$size'],
  result: 'bytes',

  predict(context, { path, name, size }) {
    const found = resolve(context, path, { follow: true });
    return found.ok ? getXattrOf(context, found.value, name, size) : found;
  },
});
