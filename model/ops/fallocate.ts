import { allocateFile } from '../overlay/allocate.ts';
import { defineOp } from './op.ts';

export const fallocate = defineOp({
  args: { fd: 'fd', flags: 'fallocateFlags', offset: 'offset', length: 'offset' },
  syscall: ['fallocate', '$fd', '$flags', '$offset', '$length'],
  result: 'none',

  predict(context, { fd, flags, offset, length }) {
    return allocateFile(context, fd, flags, offset, length);
  },
});
