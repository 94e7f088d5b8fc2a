import { dedupeRange } from '../overlay/dedupe.ts';
import { defineOp } from './op.ts';

/** FIDEDUPERANGE: two files are to share a range in which they have the same data. */
export const dedupe = defineOp({
  args: { fd: 'fd', offset: 'offset', toFd: 'fd', toOffset: 'offset', size: 'size' },
  syscall: 'recipe',
  result: 'dedupe',

  predict(context, { fd, offset, toFd, toOffset, size }) {
    return dedupeRange(context, { fd, offset }, { fd: toFd, offset: toOffset }, size);
  },
});
