import { editOffline } from '../offline/edit.ts';
import { linkOnLayer } from '../offline/link.ts';
import { defineOp } from './op.ts';

export const offlineLink = defineOp({
  args: { layer: 'layer', from: 'path', to: 'path' },
  syscall: ['linkat', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', 0],
  result: 'edit',

  predict(context, { layer, from, to }) {
    return editOffline(context, () => {
      return linkOnLayer(context, layer, from, to);
    });
  },
});
