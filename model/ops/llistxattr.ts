import { listXattrsOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const llistxattr = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['llistxattr', '$path', 'out:$size', '$size'],
  result: 'names',

  predict(context, { path, size }) {
    const found = resolve(context, path, { follow: false });
    return found.ok ? listXattrsOf(context, found.value, size) : found;
  },
});
