import { writeOutside } from '../overlay/second.ts';
import { defineOp } from './op.ts';

export const outsideWrite = defineOp({
  args: { outside: 'outside', bytes: 'bytes', offset: 'offset' },
  syscall: 'recipe',
  result: 'count',

  predict(context, { outside, bytes, offset }) {
    return writeOutside(context, outside, bytes, offset);
  },
});
