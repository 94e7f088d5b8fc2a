import { openFileOf } from '../open-file.ts';
import { freeName } from '../overlay/create.ts';
import { linkTo } from '../overlay/link.ts';
import { isRoot } from '../permission.ts';
import { fail } from '../prediction.ts';
import { defineOp } from './op.ts';

export const linkFd = defineOp({
  args: { fd: 'fd', to: 'path' },
  syscall: ['linkat', '$fd', '""', 'AT_FDCWD', '$to', 0x1000],
  result: 'none',

  predict(context, { fd, to }) {
    const file = openFileOf(context.world, fd);
    // Linking by descriptor alone needs a privilege; kernels differ in what they check first.
    if (!isRoot(context.caller)) return file.ok ? fail('ENOENT') : fail('ENOENT', 'EBADF');
    if (!file.ok) return file;
    const free = freeName(context, to);
    return free.ok ? linkTo(context, file.value, free.value) : free;
  },
});
