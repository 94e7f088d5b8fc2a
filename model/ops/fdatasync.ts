import { writeBack } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import { canSync, isVolatile } from '../overlay/file.ts';
import { topOf } from '../overlay/inode.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const fdatasync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fdatasync', '$fd'],
  result: 'none',

  predict({ world, rule }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    if (!canSync(file.value)) return fail('EINVAL');
    const top = topOf(file.value.inode);
    if (isVolatile(world.overlay)) rule('volatile/syncs-nothing');
    else writeBack(world, (real) => real === top);
    return succeed(null);
  },
});
