import { tellUsed } from '../notify.ts';
import { setXattrOf } from '../overlay/xattr-calls.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const setxattr = defineOp({
  args: { path: 'path', name: 'xattrName', value: 'bytes', flags: 'xattrFlags' },
  syscall: ['setxattr', '$path', '$name', '$value', 'len:$value', '$flags'],
  result: 'none',

  predict(context, { path, name, value, flags }) {
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    const set = setXattrOf(context, found.value, name, value, flags);
    if (set.ok) tellUsed(context, found.value, 'IN_ATTRIB');
    return set;
  },
});
