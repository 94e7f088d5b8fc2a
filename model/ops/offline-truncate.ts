import { isKept } from '../file-flags.ts';
import { editOffline } from '../offline/edit.ts';
import { findObject } from '../offline/find.ts';
import { whyReadOnly } from '../offline/protection.ts';
import { truncateReal } from '../overlay/file.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineTruncate = defineOp({
  args: { layer: 'layer', path: 'path', offset: 'offset' },
  syscall: ['truncate', '$path', '$offset'],
  result: 'edit',

  predict(context, { layer, path, offset }) {
    return editOffline(context, layer, () => {
      if (offset < 0) return fail('EINVAL');
      const found = findObject(context, layer, path, { follow: true });
      if (!found.ok) return found;
      const inode = found.value;
      if (inode.type === 'dir') return fail('EISDIR');
      if (inode.type !== 'file') return fail('EINVAL');
      const readOnly = whyReadOnly(inode);
      if (readOnly !== null) return readOnly;
      if (isKept(inode)) return fail('EPERM');
      if (inode.verityDigest !== null) return fail('EPERM');
      truncateReal(context, inode, offset);
      return succeed(null);
    });
  },
});
