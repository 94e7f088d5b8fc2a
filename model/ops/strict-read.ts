import { BOUND } from '../flags.ts';
import { closeSlot } from '../open-file.ts';
import { continueListing } from '../overlay/listing.ts';
import { readFile } from '../overlay/file.ts';
import { openModeOf } from '../overlay/open.ts';
import { succeed } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';
import { openPath } from './open.ts';

/** A slot behind those of scenarios, for the time of the step. */
const SLOT = BOUND.slots;
const READ_BYTES = 64;

/** Reads a file or lists a directory where the overlay is shown without noatime. */
export const strictRead = defineOp({
  args: { path: 'path', flags: 'statusFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { path, flags }) {
    const { world } = context;
    const how = { ...openModeOf(flags), noSymlinks: true };
    const opened = openPath(context, path, how, 0);
    if (!opened.ok) return opened;
    const file = opened.value;
    world.slots[SLOT] = file;
    if (isUsed(context, file)) stampReading(context, file);
    closeSlot(world, SLOT);
    world.slots.length = BOUND.slots;
    return succeed(null);
  },
});

/** Whether something was read; from a file that may be nothing. */
function isUsed(context: Context, file: OpenFile): boolean {
  if (file.inode.type === 'dir') {
    // Even a listing that fails counts.
    continueListing(context, file, Infinity);
    return true;
  }
  const read = readFile(context, SLOT, READ_BYTES, null);
  return read.ok && (file.inode.type === 'file' || read.value !== '');
}

function stampReading({ world, rule }: Context, { inode, flags }: OpenFile): void {
  const { upper } = inode;
  if (world.overlay.isReadOnly || flags.has('O_NOATIME')) return;
  if (upper === null) {
    rule('atime/not-of-lower');
    return;
  }
  if (upper.flags.has('FS_NOATIME_FL') || inode.keepsAtime === true) return;
  rule('atime/of-upper');
  upper.atime = world.fs.now;
  upper.version++;
}
