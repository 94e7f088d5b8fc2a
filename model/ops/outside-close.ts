import { closeOutside } from '../overlay/second.ts';
import { defineOp } from './op.ts';

export const outsideClose = defineOp({
  args: { outside: 'outside' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { outside }) {
    return closeOutside(context, outside);
  },
});
