import { usableFile } from '../overlay/file.ts';
import { knownOf } from '../overlay/known.ts';
import { whyUntold } from '../overlay/told.ts';
import { isOwner } from '../permission.ts';
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
    const isAsked = isOwner(context.caller, knownOf(file.value.inode));
    const untold = isAsked ? whyUntold(context, file.value) : null;
    return untold ?? setFlagsOf(context, file.value, new Set(flags), 'FS_IOC_SETFLAGS');
  },
});
