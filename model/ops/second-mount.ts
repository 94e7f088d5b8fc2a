import { secondMount as mount } from '../overlay/second.ts';
import { defineOp } from './op.ts';

/**
 * Mounts another overlay of the same lower layers, with an upper layer of its own on the same file
 * system, which stays. All that was open beside the first one is closed before.
 */
export const secondMount = defineOp({
  args: { options: 'mountOptions' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { options }) {
    return mount(context, options);
  },
});
