import { encodeHandleOf, whyBadHandleFlags } from '../overlay/export.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const encodeHandle = defineOp({
  args: { handle: 'newHandle', path: 'path', flags: 'handleFlags', size: 'size' },
  syscall: 'recipe',
  result: 'handle',

  predict(context, { handle, path, flags, size }) {
    const why = whyBadHandleFlags(context, flags, { isEmptyPath: false });
    if (why !== null) return why;
    const found = resolve(context, path, { follow: flags.includes('AT_SYMLINK_FOLLOW') });
    if (!found.ok) return found;
    const encoded = encodeHandleOf(context, found.value, flags, size);
    if (encoded.ok) context.world.handles[handle] = encoded.value;
    return encoded;
  },
});
