import { removeXattrOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const lremovexattr = defineOp({
  args: { path: 'path', name: 'xattrName' },
  syscall: ['lremovexattr', '$path', '$name'],
  result: 'none',

  predict(context, { path, name }) {
    const found = resolve(context, path, { follow: false });
    return found.ok ? removeXattrOf(context, found.value, name) : found;
  },
});
