import { createAt } from '../overlay/dir.ts';
import { newPlace } from '../overlay/create.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

const SYMLINK_MODE = 0o777;

export const symlink = defineOp({
  args: { target: 'target', path: 'path' },
  syscall: ['symlinkat', '$target', 'AT_FDCWD', '$path'],
  result: 'none',

  predict(context, { target, path }) {
    if (target === '') return fail('ENOENT');
    const place = newPlace(context, path);
    if (!place.ok) return place;
    const made = createAt(context, place.value, { type: 'symlink', mode: SYMLINK_MODE, target });
    return made.ok ? succeed(null) : made;
  },
});
