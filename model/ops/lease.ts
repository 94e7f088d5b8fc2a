import { mayLease } from '../locks.ts';
import { usableFile } from '../overlay/file.ts';
import { knownOf } from '../overlay/known.ts';
import { isOwner } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { LockType } from '../flags.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

/** Takes a lease and gives it back: one that stays would make other steps wait for its holder. */
export const lease = defineOp({
  args: { fd: 'fd', type: 'lockType' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { fd, type }) {
    return takeLease(context, fd, type);
  },
});

/** F_SETLEASE. */
export function takeLease(context: Context, fd: number, type: LockType): Prediction<null> {
  const opened = usableFile(context, fd);
  if (!opened.ok) return opened;
  const file = opened.value;
  const isForNobody = context.semantics.behaviour.directoryLease === 'is invalid for anybody';
  if (file.inode.type === 'dir' && isForNobody) return fail('EINVAL');
  if (!isOwner(context.caller, knownOf(file.inode))) return fail('EACCES');
  if (file.inode.type !== 'file') return fail('EINVAL');
  if (type === 'F_UNLCK') return fail('EAGAIN');
  context.rule('lease/overlay-inode');
  return mayLease(context.world, file, type) ? succeed(null) : fail('EAGAIN');
}
