import { writeBack } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import { isVolatile } from '../overlay/file.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const syncfs = defineOp({
  args: { fd: 'fd' },
  syscall: ['syncfs', '$fd'],
  result: 'none',

  predict({ world, rule }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    if (isVolatile(world.overlay)) rule('volatile/syncs-nothing');
    else writeBack(world, () => true);
    return succeed(null);
  },
});
