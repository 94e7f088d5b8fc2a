import { losesNames } from '../file-flags.ts';
import { removeName } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findSpot } from '../offline/find.ts';
import { whyReadOnly } from '../offline/protection.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineUnlink = defineOp({
  args: { layer: 'layer', path: 'path' },
  syscall: ['unlinkat', 'AT_FDCWD', '$path', 0],
  result: 'edit',

  predict(context, { layer, path }) {
    return editOffline(context, layer, () => {
      const found = findSpot(context, layer, path);
      if (!found.ok) return found;
      if (found.value === null) return fail('EISDIR');
      const { dir, name, inode } = found.value;
      const readOnly = whyReadOnly(dir);
      if (readOnly !== null) return readOnly;
      if (inode === null) return fail('ENOENT');
      if (!losesNames(dir, inode)) return fail('EPERM');
      if (inode.type === 'dir') return fail('EISDIR');
      return succeed(removeName(context.world.fs, dir, name));
    });
  },
});
