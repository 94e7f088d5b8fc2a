import { NO_ERROR, sampleOf } from '../errseq.ts';
import { sampleOfFile } from '../faults.ts';
import { findObject } from '../offline/find.ts';
import { topOf } from '../overlay/inode.ts';
import { isByRoot, inSecond } from '../overlay/second.ts';
import { openModeOf } from '../overlay/open.ts';
import { installFile } from '../open-file.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { openPath } from './open.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

/** Opens a file of the upper layer as its own file system has it, or one of the second overlay. */
export const outsideOpen = defineOp({
  args: { outside: 'newOutside', place: 'outsidePlace', path: 'path', access: 'mountAccess' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { outside: slot, place, path, access }) {
    const { world } = context;
    isByRoot(context);
    const canWrite = access === 'rw';
    const opened =
      place === 'upper'
        ? openUpper(context, path, canWrite)
        : openSecond(context, slot, path, canWrite);
    if (!opened.ok) return opened;
    world.outside[slot] = {
      real: opened.value,
      canWrite,
      errors: {
        ofFile: sampleOfFile(world.fs, opened.value),
        ofFs: sampleOf(world.fs.faults?.errors ?? NO_ERROR),
      },
      second: place === 'second' ? slot : null,
    };
    return succeed(null);
  },
});

function openUpper(context: Context, path: string, canWrite: boolean): Prediction<RealInode> {
  const found = findObject(context, 'upper', path);
  if (!found.ok) return found;
  const { type, flags } = found.value;
  if (type === 'symlink') return fail('ELOOP');
  if (type === 'dir' && canWrite) return fail('EISDIR');
  // What else there is opens in ways of its own.
  if ((type !== 'dir' && type !== 'file') || flags.size > 0) context.world.isOrderOpen = true;
  return found;
}

function openSecond(
  context: Context,
  slot: number,
  path: string,
  canWrite: boolean,
): Prediction<RealInode> {
  if (context.world.second === null) return fail('ENOENT');
  return inSecond(context, (inner) => {
    const how = openModeOf([canWrite ? 'O_RDWR' : 'O_RDONLY', 'O_NOFOLLOW']);
    const opened = openPath(inner, path, how, 0);
    if (!opened.ok) return opened;
    installFile(inner.world, slot, opened.value);
    return succeed(topOf(opened.value.inode));
  });
}
