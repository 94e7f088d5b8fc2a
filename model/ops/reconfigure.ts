import { reconfigureOverlay } from '../overlay/reconfigure.ts';
import { defineOp } from './op.ts';

/** mount(2) with MS_REMOUNT: an overlay can become read-only, and writable again. */
export const reconfigure = defineOp({
  args: { access: 'mountAccess', options: 'mountOptions' },
  syscall: 'recipe',
  result: 'reconfigured',

  predict(context, { access, options }) {
    return reconfigureOverlay(context, access, options);
  },
});
