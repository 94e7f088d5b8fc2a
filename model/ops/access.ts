import type { AccessMode } from '../flags.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { MAY_EXEC, MAY_READ, MAY_WRITE } from '../permission.ts';
import { succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

const USERS_REAL = { uid: 0, gid: 0 };
const MASKS: Readonly<Record<AccessMode, number>> = {
  R_OK: MAY_READ,
  W_OK: MAY_WRITE,
  X_OK: MAY_EXEC,
};

export const access = defineOp({
  args: { path: 'path', mode: 'accessMode', flags: 'atFlags' },
  syscall: ['faccessat2', 'AT_FDCWD', '$path', '$mode', '$flags'],
  result: 'none',

  predict(context, { path, mode, flags }) {
    // Without AT_EACCESS the real ids count, and those of a step are always root's.
    const isEffective = flags.includes('AT_EACCESS');
    const caller = isEffective ? context.caller : USERS_REAL;
    const as = { ...context, caller };
    const found = resolve(as, path, { follow: !flags.includes('AT_SYMLINK_NOFOLLOW') });
    if (!found.ok) return found;
    let mask = 0;
    for (const name of mode) mask |= MASKS[name];
    const { type } = found.value.inode;
    const asksToWrite = mode.includes('W_OK') && ['file', 'dir', 'symlink'].includes(type);
    const readOnly = asksToWrite ? whyReadOnly(context) : null;
    if (readOnly !== null) return readOnly;
    return whyNotPermitted(found.value.inode, caller, mask) ?? succeed(null);
  },
});
