import { takesOwner } from '../file-system.ts';
import { editOffline } from '../offline/edit.ts';
import { findChangeable } from '../offline/find.ts';
import { ownReal } from '../overlay/attr.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineChown = defineOp({
  args: { layer: 'layer', path: 'path', uid: 'owner', gid: 'owner' },
  syscall: ['fchownat', 'AT_FDCWD', '$path', '$uid', '$gid', 0x100],
  result: 'edit',

  predict(context, { layer, path, uid, gid }) {
    return editOffline(context, () => {
      const found = findChangeable(context, layer, path);
      if (!found.ok) return found;
      if (!takesOwner(context.world.fs, found.value, uid, gid)) return fail('EPERM');
      ownReal(context, found.value, uid, gid);
      return succeed(null);
    });
  },
});
