import { lockWhole } from '../locks.ts';
import { usableFile } from '../overlay/file.ts';
import { defineOp } from './op.ts';

export const flock = defineOp({
  args: { fd: 'fd', kind: 'flockKind' },
  syscall: ['flock', '$fd', '$kind'],
  result: 'none',

  predict(context, { fd, kind }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    context.rule('lock/overlay-inode');
    return lockWhole(context.world, file.value, kind);
  },
});
