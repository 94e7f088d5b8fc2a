import { openFileOf } from '../open-file.ts';
import { encodeHandleOf, whyBadHandleFlags } from '../overlay/export.ts';
import { defineOp } from './op.ts';

export const encodeFdHandle = defineOp({
  args: { handle: 'newHandle', fd: 'fd', flags: 'handleFlags', size: 'size' },
  syscall: 'recipe',
  result: 'handle',

  predict(context, { handle, fd, flags, size }) {
    const why = whyBadHandleFlags(context, flags, { isEmptyPath: true });
    if (why !== null) return why;
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    const encoded = encodeHandleOf(context, file.value, flags, size);
    if (encoded.ok) context.world.handles[handle] = encoded.value;
    return encoded;
  },
});
