import { usableFile } from '../overlay/file.ts';
import { setFlags as setFlagsOf } from '../overlay/flag-calls.ts';
import { defineOp } from './op.ts';

/** FS_IOC_SETFLAGS says all flags, those of the format of the file too. */
export const setFlags = defineOp({
  args: { fd: 'fd', flags: 'fileFlags' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { fd, flags }) {
    const file = usableFile(context, fd);
    if (!file.ok) return file;
    return setFlagsOf(context, file.value, new Set(flags), 'FS_IOC_SETFLAGS');
  },
});
