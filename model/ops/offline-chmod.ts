import { takesAttributes } from '../file-system.ts';
import { editOffline } from '../offline/edit.ts';
import { findChangeable } from '../offline/find.ts';
import { setModeOfReal } from '../overlay/attr.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineChmod = defineOp({
  args: { layer: 'layer', path: 'path', mode: 'mode' },
  syscall: ['fchmodat', 'AT_FDCWD', '$path', '$mode'],
  result: 'edit',

  predict(context, { layer, path, mode }) {
    return editOffline(context, () => {
      const found = findChangeable(context, layer, path, { follow: true });
      if (!found.ok) return found;
      if (!takesAttributes(context.world.fs, found.value)) return fail('EPERM');
      setModeOfReal(context, found.value, mode);
      return succeed(null);
    });
  },
});
