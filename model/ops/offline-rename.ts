import { editOffline } from '../offline/edit.ts';
import { moveOnLayer } from '../offline/move.ts';
import { defineOp } from './op.ts';

export const offlineRename = defineOp({
  args: { layer: 'layer', from: 'path', to: 'path', flags: 'renameFlags' },
  syscall: ['renameat2', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', '$flags'],
  result: 'edit',

  predict(context, { layer, ...names }) {
    return editOffline(context, () => {
      return moveOnLayer(context, layer, names);
    });
  },
});
