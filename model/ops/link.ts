import { freeName } from '../overlay/create.ts';
import { linkTo } from '../overlay/link.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const link = defineOp({
  args: { from: 'path', to: 'path', flags: 'atFlags' },
  syscall: ['linkat', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', '$flags'],
  result: 'none',

  predict(context, { from, to, flags }) {
    const old = resolve(context, from, { follow: flags.includes('AT_SYMLINK_FOLLOW') });
    if (!old.ok) return old;
    const free = freeName(context, to);
    return free.ok ? linkTo(context, old.value, free.value) : free;
  },
});
