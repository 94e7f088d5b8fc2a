import { syncFileSystem } from '../overlay/sync.ts';
import { defineOp } from './op.ts';

export const syncfs = defineOp({
  args: { fd: 'fd' },
  syscall: ['syncfs', '$fd'],
  result: 'none',

  predict(context, { fd }) {
    return syncFileSystem(context, fd);
  },
});
