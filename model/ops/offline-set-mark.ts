import { isKept } from '../file-flags.ts';
import { setXattr } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findObject } from '../offline/find.ts';
import { whyReadOnly } from '../offline/protection.ts';
import { whyNoXattr } from '../offline/xattrs.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Gives an object an xattr that means something to overlayfs. */
export const offlineSetMark = defineOp({
  args: { layer: 'layer', path: 'path', name: 'markName', value: 'bytes' },
  syscall: ['lsetxattr', '$path', '$name', '$value', 'len:$value', 0],
  result: 'edit',

  predict(context, { layer, path, name, value }) {
    return editOffline(context, layer, () => {
      const found = findObject(context, layer, path);
      if (!found.ok) return found;
      const readOnly = whyReadOnly(found.value);
      if (readOnly !== null) return readOnly;
      if (isKept(found.value)) return fail('EPERM');
      const why = whyNoXattr(context, found.value, name);
      if (why !== null) return why;
      setXattr(context.world.fs, found.value, name, value);
      return succeed(null);
    });
  },
});
