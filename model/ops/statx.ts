import { profileOf } from '../bases.ts';
import type { StatxMask } from '../flags.ts';
import type { StatxView } from '../observation.ts';
import { statOf, topOf } from '../overlay/inode.ts';
import { fail, succeed } from '../prediction.ts';
import type { SetTime } from '../time.ts';
import { resolve } from '../walk.ts';
import type { Target } from '../walk.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

const OTHER_BASIC_STATS = 0x71f;
const ATIME = 0x20;
const MTIME_AND_CTIME = 0xc0;
const BTIME = 0x800;
const MNT_ID = 0x1000;
const MNT_ID_UNIQUE = 0x4000;
const ATTR_MOUNT_ROOT = 0x2000;
const NOT_TOLD: SetTime = { sec: 0, nsec: 0 };

export const statx = defineOp({
  args: { path: 'path', flags: 'statxFlags', mask: 'statxMask' },
  syscall: ['statx', 'AT_FDCWD', '$path', '$flags', '$mask', 'out:statx'],
  result: 'statx',

  predict(context, { path, flags, mask }) {
    const isBoth = flags.includes('AT_STATX_FORCE_SYNC') && flags.includes('AT_STATX_DONT_SYNC');
    if (isBoth || mask.includes('STATX__RESERVED')) return fail('EINVAL');
    const found = resolve(context, path, { follow: !flags.includes('AT_SYMLINK_NOFOLLOW') });
    return found.ok ? succeed(viewOf(context, found.value, new Set(mask))) : found;
  },
});

/** All that costs nothing is told, asked for or not. */
function viewOf(
  context: Context,
  { dentry, inode }: Target,
  asked: ReadonlySet<StatxMask>,
): StatxView {
  const { semantics, rule } = context;
  const { hasBtime, hasAtime, hasFineTimes, statxMask } = profileOf(topOf(inode));
  const asksTimes = ['STATX_MTIME', 'STATX_CTIME', 'STATX_BASIC_STATS'] as const;
  const tellsTimes =
    !hasFineTimes ||
    semantics.behaviour.statxUnaskedTimes === 'told' ||
    asksTimes.some((name) => asked.has(name));
  const isBtimeAsked = hasBtime(semantics) && asked.has('STATX_BTIME');
  const unasked = statxMask(semantics);
  const tellsBtime = isBtimeAsked || (unasked & BTIME) !== 0;
  if (isBtimeAsked) rule('statx/creation-time');
  const isUnique = asked.has('STATX_MNT_ID_UNIQUE') && semantics.features.has('unique-mount-id');
  const stat = statOf(context, dentry, inode);
  return {
    ...stat,
    mtime: tellsTimes ? stat.mtime : NOT_TOLD,
    ctime: tellsTimes ? stat.ctime : NOT_TOLD,
    btime: tellsBtime ? topOf(inode).btime : NOT_TOLD,
    mask:
      (tellsTimes ? MTIME_AND_CTIME : 0) |
      (hasAtime ? ATIME : 0) |
      OTHER_BASIC_STATS |
      (tellsBtime ? BTIME : 0) |
      unasked |
      (isUnique ? MNT_ID_UNIQUE : MNT_ID),
    attributes: stat.flags | (dentry.parent === null ? ATTR_MOUNT_ROOT : 0),
  };
}
