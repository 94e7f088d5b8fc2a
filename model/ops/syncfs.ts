import { writeBack } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const syncfs = defineOp({
  args: { fd: 'fd' },
  syscall: ['syncfs', '$fd'],
  result: 'none',

  predict({ world }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    writeBack(world, () => true);
    return succeed(null);
  },
});
