import { usableFile } from '../overlay/file.ts';
import { flaggedOf, getFlags } from '../overlay/flag-calls.ts';
import { whyUntold } from '../overlay/told.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

const FS_IOC_FSGETXATTR = 0x801c_581f;

export const getXflags = defineOp({
  args: { fd: 'fd' },
  syscall: ['ioctl', '$fd', FS_IOC_FSGETXATTR, 'out:fsxattr'],
  result: 'fileXflags',

  predict(context, { fd }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    const untold = whyUntold(context, file.value);
    if (untold !== null) return untold;
    const { inode } = file.value;
    const flags = getFlags(context, inode);
    if (!flags.ok) return flags;
    const tellsVerity = context.semantics.features.has('verity-xflag');
    const { verityDigest, hasRoom } = flaggedOf(context, inode);
    const hasVerity = tellsVerity && verityDigest !== null;
    return succeed([
      ...flags.value,
      ...(hasVerity ? (['FS_VERITY_FL'] as const) : []),
      ...(hasRoom ? (['FS_XFLAG_PREALLOC'] as const) : []),
    ]);
  },
});
