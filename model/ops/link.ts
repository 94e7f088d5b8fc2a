import { tellLinked } from '../notify.ts';
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
    if (!free.ok) return free;
    const linked = linkTo(context, old.value, free.value);
    if (linked.ok) tellLinked(context, old.value.inode, free.value);
    return linked;
  },
});
