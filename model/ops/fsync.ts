import { syncFile } from '../overlay/sync.ts';
import { defineOp } from './op.ts';

export const fsync = defineOp({
  args: { fd: 'fd' },
  syscall: ['fsync', '$fd'],
  result: 'none',

  predict(context, { fd }) {
    return syncFile(context, fd, 'data and attributes');
  },
});
