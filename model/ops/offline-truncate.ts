import { isKept } from '../file-flags.ts';
import { editOffline } from '../offline/edit.ts';
import { findObject, isReadOnly } from '../offline/find.ts';
import { truncateReal } from '../overlay/file.ts';
import { dropCapability } from '../overlay/privileges.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

export const offlineTruncate = defineOp({
  args: { layer: 'layer', path: 'path', offset: 'offset' },
  syscall: ['truncate', '$path', '$offset'],
  result: 'edit',

  predict(context, { layer, path, offset }) {
    return editOffline(context, () => {
      if (offset < 0) return fail('EINVAL');
      const found = findObject(context, layer, path, { follow: true });
      if (!found.ok) return found;
      const inode = found.value;
      if (inode.type === 'dir') return fail('EISDIR');
      if (inode.type !== 'file') return fail('EINVAL');
      if (isReadOnly(inode)) return fail('EROFS');
      if (isKept(inode)) return fail('EPERM');
      if (inode.verityDigest !== null) {
        const { verityTruncation } = context.semantics.behaviour;
        if (verityTruncation === 'takes capabilities') dropCapability(context, inode);
        return fail('EPERM');
      }
      truncateReal(context, inode, offset);
      return succeed(null);
    });
  },
});
