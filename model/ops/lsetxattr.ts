import { setXattrOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const lsetxattr = defineOp({
  args: { path: 'path', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['lsetxattr', '$path', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict(context, { path, name, value, flags }) {
    const found = resolve(context, path, { follow: false });
    return found.ok ? setXattrOf(context, found.value, name, value, flags) : found;
  },
});
