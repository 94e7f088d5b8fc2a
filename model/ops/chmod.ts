import { tellUsed } from '../notify.ts';
import { changeMode } from '../overlay/attr.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

export const chmod = defineOp({
  args: { path: 'path', mode: 'mode' },
  syscall: ['fchmodat', 'AT_FDCWD', '$path', '$mode'],
  result: 'none',

  predict(context, { path, mode }) {
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    const changed = changeMode(context, found.value, mode);
    if (changed.ok) tellUsed(context, found.value, 'IN_ATTRIB');
    return changed;
  },
});
