import { lockRange } from '../locks.ts';
import { usableFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

/** A lock of an open file description, on bytes counted from the start. */
export const ofdLock = defineOp({
  args: { fd: 'fd', type: 'lockType', start: 'offset', length: 'offset' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { fd, type, start, length }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    context.rule('lock/overlay-inode');
    return lockRange(context.world, file.value, type, { start, length });
  },
});
