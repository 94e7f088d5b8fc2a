import { readOutside } from '../overlay/second.ts';
import { defineOp } from './op.ts';

export const outsideRead = defineOp({
  args: { outside: 'outside', size: 'size', offset: 'offset' },
  syscall: 'recipe',
  result: 'bytes',

  predict(context, { outside, size, offset }) {
    return readOutside(context, outside, size, offset);
  },
});
