import { NO_ERROR, sampleOf } from '../errseq.ts';
import { sampleOfFile } from '../faults.ts';
import type { OutsideFile } from '../faults.ts';
import { findObject } from '../offline/find.ts';
import { topOf } from '../overlay/inode.ts';
import { isByRoot, inSecond } from '../overlay/second.ts';
import { openByNfs } from '../overlay/nfs.ts';
import { openModeOf } from '../overlay/open.ts';
import { installFile } from '../open-file.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { openPath } from './open.ts';
import type { ArgKinds, Context } from './op.ts';
import { defineOp } from './op.ts';

/** Opens a file of the upper layer itself, of the second overlay, or of an NFS client. */
export const outsideOpen = defineOp({
  args: { outside: 'newOutside', place: 'outsidePlace', path: 'path', access: 'mountAccess' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { outside: slot, place, path, access }) {
    const { world } = context;
    isByRoot(context);
    const canWrite = access === 'rw';
    const opened = OPENERS[place](context, slot, path, canWrite);
    if (!opened.ok) return opened;
    const { real } = opened.value;
    if (place !== 'nfs' && world.nfs !== null) world.nfs.served[slot] = null;
    world.outside[slot] = {
      ...{ second: null, nfs: null, ...opened.value, canWrite },
      errors: {
        ofFile: sampleOfFile(world.fs, real),
        ofFs: sampleOf(world.fs.faults?.errors ?? NO_ERROR),
      },
    };
    return succeed(null);
  },
});

type Opener = (
  context: Context,
  slot: number,
  path: string,
  canWrite: boolean,
) => Prediction<Pick<OutsideFile, 'real'> & Partial<Pick<OutsideFile, 'second' | 'nfs'>>>;

const OPENERS: Readonly<Record<ArgKinds['outsidePlace'], Opener>> = {
  upper: openUpper,
  second: openSecond,

  nfs(context, slot, path, canWrite) {
    const opened = openByNfs(context, slot, path, canWrite);
    return opened.ok ? succeed({ real: topOf(opened.value.inode), nfs: opened.value.nfs }) : opened;
  },
};

function openUpper(
  context: Context,
  _slot: number,
  path: string,
  canWrite: boolean,
): Prediction<Pick<OutsideFile, 'real'>> {
  const found = findObject(context, 'upper', path);
  if (!found.ok) return found;
  const { type, flags } = found.value;
  if (type === 'symlink') return fail('ELOOP');
  if (type === 'dir' && canWrite) return fail('EISDIR');
  // What else there is opens in ways of its own.
  if ((type !== 'dir' && type !== 'file') || flags.size > 0) context.world.isOrderOpen = true;
  return succeed({ real: found.value });
}

function openSecond(
  context: Context,
  slot: number,
  path: string,
  canWrite: boolean,
): Prediction<Pick<OutsideFile, 'real' | 'second'>> {
  if (context.world.second === null) return fail('ENOENT');
  return inSecond(context, (inner) => {
    const how = openModeOf([canWrite ? 'O_RDWR' : 'O_RDONLY', 'O_NOFOLLOW']);
    const opened = openPath(inner, path, how, 0);
    if (!opened.ok) return opened;
    installFile(inner.world, slot, opened.value);
    return succeed({ real: topOf(opened.value.inode), second: slot });
  });
}
