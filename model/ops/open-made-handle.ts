import { whyNotDecoded } from '../overlay/decode.ts';
import { defineOp } from './op.ts';

/** A handle that no kernel gave out: a type, and bytes that may begin as those of overlayfs do. */
export const openMadeHandle = defineOp({
  args: { slot: 'newFd', handleType: 'handleType', body: 'handleBody', flags: 'reopenFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { body }) {
    return whyNotDecoded(context, body);
  },
});
