import { openFileOf } from '../open-file.ts';
import { changeMode } from '../overlay/attr.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

export const fchmod = defineOp({
  args: { fd: 'fd', mode: 'mode' },
  syscall: ['fchmod', '$fd', '$mode'],
  result: 'none',

  predict(context, { fd, mode }) {
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    return changeMode(context, file.value, mode);
  },
});
