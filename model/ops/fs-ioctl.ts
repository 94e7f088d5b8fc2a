import { profileOf } from '../bases.ts';
import { usableFile } from '../overlay/file.ts';
import { dataOf, topOf } from '../overlay/inode.ts';
import { fsidOf } from '../overlay/uuid.ts';
import { isRoot } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Requests to the file system that a file is on: nearly all would be about the layer. */
export const fsIoctl = defineOp({
  args: { fd: 'fd', request: 'fsRequest' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { fd, request }) {
    const opened = usableFile(context, fd);
    if (!opened.ok) return opened;
    const { inode } = opened.value;
    const { semantics, caller, rule, world } = context;
    rule('ioctl/not-passed-on');
    switch (request) {
      case 'FIFREEZE':
        return fail(isRoot(caller) ? 'EOPNOTSUPP' : 'EPERM');
      case 'FITHAW':
        return fail(isRoot(caller) ? 'EINVAL' : 'EPERM');
      case 'FITRIM':
      case 'FS_IOC_SHUTDOWN':
      case 'FS_IOC_GETVERSION':
        return fail('ENOTTY');
      case 'FIGETBSZ':
        return fail('EINVAL');
      case 'FS_IOC_GETFSUUID': {
        const hasUuid = fsidOf(world.overlay, semantics) === 'own';
        return hasUuid && semantics.features.has('fs-uuid-request')
          ? succeed(null)
          : fail('ENOTTY');
      }
      case 'FS_IOC_FIEMAP': {
        const asked = semantics.behaviour.fiemap === 'that of data' ? dataOf(inode) : topOf(inode);
        const isMapped = inode.type === 'file' && profileOf(asked).mapsExtents(semantics);
        if (isMapped) rule('ioctl/extents-of-real-file');
        return isMapped ? succeed(null) : fail('EOPNOTSUPP');
      }
    }
  },
});
