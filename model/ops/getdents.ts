import type { DirentsView } from '../observation.ts';
import { openFileOf } from '../open-file.ts';
import { continueListing } from '../overlay/listing.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { defineOp } from './op.ts';

export const getdents = defineOp({
  args: { fd: 'fd', size: 'size' },
  syscall: ['getdents64', '$fd', 'out:$size', '$size'],
  result: 'dirents',

  predict(context, { fd }): Prediction<DirentsView> {
    const opened = openFileOf(context.world, fd);
    if (!opened.ok) return opened;
    const file = opened.value;
    if (file.isPath) return fail('EBADF');
    if (file.inode.type !== 'dir') return fail('ENOTDIR');
    // The VFS refuses to list a directory that was removed.
    if (file.inode.vfsNlink === 0) return fail('ENOENT');
    return succeed(continueListing(context, file));
  },
});
