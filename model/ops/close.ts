import { closeSlot, openFileOf } from '../open-file.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const close = defineOp({
  args: { fd: 'fd' },
  syscall: ['close', '$fd'],
  result: 'none',

  predict({ world }, { fd }) {
    if (world.program?.slot === fd) world.program = null;
    const file = openFileOf(world, fd);
    if (!file.ok) return file;
    closeSlot(world, fd);
    return succeed(null);
  },
});
