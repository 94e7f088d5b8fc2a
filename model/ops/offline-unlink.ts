import { editOffline } from '../offline/edit.ts';
import { removeFromLayer } from '../offline/remove.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineUnlink = defineOp({
  args: { layer: 'layer', path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'edit',

  predict(context, { layer, path }) {
    return editOffline(context, () =>
      removeFromLayer(context, layer, path, {
        ofRoot: fail('EISDIR'),
        whyNot: ({ type }) => (type === 'dir' ? fail('EISDIR') : null),
      }),
    );
  },
});
