import { createAt } from '../overlay/dir.ts';
import { freeName, mayCreate } from '../overlay/create.ts';
import { isRoot } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

const MODE_MASK = 0o7777;

export const mknod = defineOp({
  args: { path: 'path', mode: 'mode', device: 'device' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { path, mode, device: { type, major, minor } }) {
    const free = freeName(context, path);
    if (!free.ok) return free;
    const place = mayCreate(context, free.value);
    if (!place.ok) return place;
    const isWhiteout = type === 'chr' && major === 0 && minor === 0;
    if (type !== 'fifo' && !isWhiteout && !isRoot(context.caller)) return fail('EPERM');
    if (isWhiteout) {
      context.rule('create/no-whiteout');
      return fail('EPERM');
    }
    const rdev = type === 'fifo' ? { major: 0, minor: 0 } : { major, minor };
    const made = createAt(context, place.value, { type, mode: mode & MODE_MASK, rdev });
    return made.ok ? succeed(null) : made;
  },
});
