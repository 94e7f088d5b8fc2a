import { editOffline } from '../offline/edit.ts';
import { makeOnLayer } from '../offline/make.ts';
import { defineOp } from './op.ts';

/** What mkdir(2) takes of a mode on file systems of its own. */
const MKDIR_MASK = 0o1777;

export const offlineMkdir = defineOp({
  args: { layer: 'layer', path: 'path', mode: 'mode' },
  syscall: ['mkdirat', 'AT_FDCWD', '$path', '$mode'],
  result: 'edit',

  predict(context, { layer, path, mode }) {
    return editOffline(context, () => {
      return makeOnLayer(context, layer, path, { type: 'dir', mode: mode & MKDIR_MASK });
    });
  },
});
