import { syncFile } from '../overlay/sync.ts';
import { defineOp } from './op.ts';

export const fdatasync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fdatasync', '$fd'],
  result: 'none',

  predict(context, { fd }) {
    return syncFile(context, fd, 'data');
  },
});
