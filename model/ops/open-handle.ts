import { installFile } from '../open-file.ts';
import { decodeHandle, mayNameAnother } from '../overlay/decode.ts';
import { newOpenFile, openExisting, openModeOf } from '../overlay/open.ts';
import type { OpenMode } from '../overlay/open.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import type { Target } from '../walk.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

/** What opening says of symlinks, directories, fifos, devices, programs and what is protected. */
const OF_OTHER_TYPES = [
  ...(['ELOOP', 'EISDIR', 'ENOTDIR', 'ENXIO', 'EACCES'] as const),
  ...(['ETXTBSY', 'EPERM', 'EROFS'] as const),
];

export const openHandle = defineOp({
  args: { slot: 'newFd', handle: 'handle', flags: 'reopenFlags', damage: 'damage' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { slot, handle, flags, damage }) {
    const known = context.world.handles[handle] ?? null;
    if (mayNameAnother(context, known, damage)) {
      context.world.isOrderOpen = true;
      return { ok: true, value: null, unless: ['ESTALE', ...OF_OTHER_TYPES] };
    }
    const decoded = decodeHandle(context, known, damage);
    return openDecoded(context, decoded, slot, openModeOf(flags));
  },
});

/** Opens what a handle was decoded to. */
export function openDecoded(
  context: Context,
  decoded: Prediction<Target>,
  slot: number,
  how: OpenMode,
): Prediction<null> {
  if (!decoded.ok) return decoded;
  const opened = reopen(context, decoded.value, how);
  if (!opened.ok) return opened;
  installFile(context.world, slot, opened.value);
  return succeed(null);
}

function reopen(context: Context, target: Target, how: OpenMode): Prediction<OpenFile> {
  const { type } = target.inode;
  const isPath = how.flags.has('O_PATH');
  if (type === 'symlink' && !isPath) return fail('ELOOP');
  if (how.flags.has('O_DIRECTORY') && type !== 'dir') return fail('ENOTDIR');
  if (isPath) return succeed(newOpenFile(target, how));
  return openExisting(context, target, how);
}
