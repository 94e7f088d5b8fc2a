import { dropCaches, forgetUnused } from '../overlay/evict.ts';
import { decodeHandle } from '../overlay/decode.ts';
import { openModeOf } from '../overlay/open.ts';
import { defineOp } from './op.ts';
import { openDecoded } from './open-handle.ts';

/**
 * Opens by handle right after the caches were dropped: all that looks at the tree in between would
 * make the object known again.
 */
export const openHandleCold = defineOp({
  args: { slot: 'newFd', handle: 'handle', flags: 'reopenFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { slot, handle, flags }) {
    dropCaches(context);
    const decoded = decodeHandle(context, context.world.handles[handle] ?? null, 'none');
    const opened = openDecoded(context, decoded, slot, openModeOf(flags));
    // What the slot held before may have been all that kept an inode.
    forgetUnused(context.world);
    return opened;
  },
});
