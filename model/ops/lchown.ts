import { changeOwner } from '../overlay/attr.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const lchown = defineOp({
  args: { path: 'path', uid: 'owner', gid: 'owner' },
  syscall: ['fchownat', 'AT_FDCWD', '$path', '$uid', '$gid', 0x100],
  result: 'none',

  predict(context, { path, uid, gid }) {
    const found = resolve(context, path, { follow: false });
    return found.ok ? changeOwner(context, found.value, uid, gid) : found;
  },
});
