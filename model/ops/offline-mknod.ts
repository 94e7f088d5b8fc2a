import { editOffline } from '../offline/edit.ts';
import { makeOnLayer } from '../offline/make.ts';
import { defineOp } from './op.ts';

/** A character device 0:0 is a whiteout. */
export const offlineMknod = defineOp({
  args: { layer: 'layer', path: 'path', mode: 'mode', device: 'device' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, path, mode, device }) {
    return editOffline(context, () => {
      const { type, ...rdev } = device;
      return makeOnLayer(context, layer, path, { type, mode, rdev });
    });
  },
});
