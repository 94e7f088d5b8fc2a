import { usableFile } from '../overlay/file.ts';
import { getFlags } from '../overlay/flag-calls.ts';
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
    const flags = getFlags(context, file.value.inode);
    return flags.ok ? succeed([...flags.value]) : flags;
  },
});
