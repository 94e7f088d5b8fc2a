import { tellCreated } from '../notify.ts';
import { createAt } from '../overlay/dir.ts';
import { newPlace } from '../overlay/create.ts';
import { succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** mkdir(2) takes the sticky bit from its argument, but no set-id bits. */
const MODE_MASK = 0o1777;

export const mkdir = defineOp({
  args: { path: 'path', mode: 'mode' },
  syscall: ['mkdirat', 'AT_FDCWD', '$path', '$mode'],
  result: 'none',

  predict(context, { path, mode }) {
    const place = newPlace(context, path);
    if (!place.ok) return place;
    const made = createAt(context, place.value, { type: 'dir', mode: mode & MODE_MASK });
    if (!made.ok) return made;
    tellCreated(context, place.value, true);
    return succeed(null);
  },
});
