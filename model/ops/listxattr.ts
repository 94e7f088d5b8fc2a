import { listXattrsOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const listxattr = defineOp({
  args: { path: 'path', size: 'size' },
  syscall: ['listxattr', '$path', 'out:$size', '$size'],
  result: 'names',

  predict(context, { path, size }) {
    const found = resolve(context, path, { follow: true });
    return found.ok ? listXattrsOf(context, found.value, size) : found;
  },
});
