import { removeXattr } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findMarkable } from '../offline/xattrs.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** As a copy that keeps no xattrs does: what the overlay noted on an object is gone. */
export const offlineRemoveMark = defineOp({
  args: { layer: 'layer', path: 'path', name: 'markName' },
  syscall: ['lremovexattr', '$path', '$name'],
  result: 'edit',

  predict(context, { layer, path, name }) {
    return editOffline(context, () => {
      const found = findMarkable(context, layer, path, name);
      if (!found.ok) return found;
      if (!found.value.xattrs.has(name)) return fail('ENODATA');
      removeXattr(context.world.fs, found.value, name);
      return succeed(null);
    });
  },
});
