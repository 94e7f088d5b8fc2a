import { setXattr } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findMarkable } from '../offline/xattrs.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Gives an object an xattr that means something to overlayfs. */
export const offlineSetMark = defineOp({
  args: { layer: 'layer', path: 'path', name: 'markName', value: 'bytes' },
  syscall: ['lsetxattr', '$path', '$name', '$value', 'len:$value', 0],
  result: 'edit',

  predict(context, { layer, path, name, value }) {
    return editOffline(context, () => {
      const found = findMarkable(context, layer, path, name);
      if (!found.ok) return found;
      setXattr(context.world.fs, found.value, name, value);
      return succeed(null);
    });
  },
});
