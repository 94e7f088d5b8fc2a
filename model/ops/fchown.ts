import { openFileOf } from '../open-file.ts';
import { changeOwner } from '../overlay/attr.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

export const fchown = defineOp({
  args: { fd: 'fd', uid: 'owner', gid: 'owner' },
  syscall: ['fchown', '$fd', '$uid', '$gid'],
  result: 'none',

  predict(context, { fd, uid, gid }) {
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    return changeOwner(context, file.value, uid, gid);
  },
});
