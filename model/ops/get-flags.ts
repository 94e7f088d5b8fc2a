import { profileOf } from '../bases.ts';
import { usableFile } from '../overlay/file.ts';
import { flaggedOf, getFlags as getFlagsOf } from '../overlay/flag-calls.ts';
import { whyUntold } from '../overlay/told.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

const FS_IOC_GETFLAGS = 0x8008_6601;

export const getFlags = defineOp({
  args: { fd: 'fd' },
  syscall: ['ioctl', '$fd', FS_IOC_GETFLAGS, 'out:flags'],
  result: 'fileFlags',

  predict(context, { fd }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    const untold = whyUntold(context, file.value);
    if (untold !== null) return untold;
    const { inode } = file.value;
    const flags = getFlagsOf(context, inode);
    if (!flags.ok) return flags;
    const real = flaggedOf(context, inode);
    const verity = real.verityDigest === null ? [] : (['FS_VERITY_FL'] as const);
    return succeed([...flags.value, ...profileOf(real).ownFlags, ...verity]);
  },
});
