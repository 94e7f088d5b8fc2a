import { takesContent } from '../file-flags.ts';
import { writeContent } from '../content.ts';
import { touchMtime } from '../layer.ts';
import { editOffline } from '../offline/edit.ts';
import { findObject, isReadOnly } from '../offline/find.ts';
import { dropCapability } from '../overlay/privileges.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** In place: the inode stays what it is. */
export const offlineWrite = defineOp({
  args: { layer: 'layer', path: 'path', offset: 'offset', bytes: 'bytes' },
  syscall: 'recipe',
  result: 'edit',

  predict(context, { layer, path, offset, bytes }) {
    return editOffline(context, () => {
      const found = findObject(context, layer, path, { follow: true });
      if (!found.ok) return found;
      const inode = found.value;
      if (inode.type === 'dir') return fail('EISDIR');
      if (inode.type === 'fifo') return fail('ENXIO');
      if (inode.type !== 'file') return fail('EACCES');
      if (isReadOnly(inode)) return fail('EROFS');
      if (!takesContent(inode)) return fail('EPERM');
      if (offset < 0) return fail('EINVAL');
      if (bytes.length === 0) return succeed(null);
      dropCapability(context, inode);
      writeContent(inode, offset, bytes);
      touchMtime(context.world.fs, inode);
      return succeed(null);
    });
  },
});
