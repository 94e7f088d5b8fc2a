import { openFileOf } from '../open-file.ts';
import { canSync } from '../overlay/file.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const fsync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fsync', '$fd'],
  result: 'none',

  predict({ world }, { fd }) {
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    if (file.value.isPath) return fail('EBADF');
    return canSync(file.value) ? succeed(null) : fail('EINVAL');
  },
});
