import { editOffline } from '../offline/edit.ts';
import { removeFromLayer } from '../offline/remove.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineRmdir = defineOp({
  args: { layer: 'layer', path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0x200],
  result: 'edit',

  predict(context, { layer, path }) {
    return editOffline(context, () =>
      removeFromLayer(context, layer, path, {
        ofRoot: fail('EINVAL'),
        whyNot({ type, entries }) {
          if (type !== 'dir') return fail('ENOTDIR');
          return entries.size > 0 ? fail('ENOTEMPTY') : null;
        },
      }),
    );
  },
});
