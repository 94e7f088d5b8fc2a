import { isKept } from '../file-flags.ts';
import { removeXattr } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findObject } from '../offline/find.ts';
import { whyReadOnly } from '../offline/protection.ts';
import { whyNoXattr } from '../offline/xattrs.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** As a copy that keeps no xattrs does: what the overlay noted on an object is gone. */
export const offlineRemoveMark = defineOp({
  args: { layer: 'layer', path: 'path', name: 'markName' },
  syscall: ['lremovexattr', '$path', '$name'],
  result: 'edit',

  predict(context, { layer, path, name }) {
    return editOffline(context, layer, () => {
      const found = findObject(context, layer, path);
      if (!found.ok) return found;
      const readOnly = whyReadOnly(found.value);
      if (readOnly !== null) return readOnly;
      if (isKept(found.value)) return fail('EPERM');
      const why = whyNoXattr(context, found.value, name);
      if (why !== null) return why;
      if (!found.value.xattrs.has(name)) return fail('ENODATA');
      removeXattr(context.world.fs, found.value, name);
      return succeed(null);
    });
  },
});
