import { closeSlot, installFile } from '../open-file.ts';
import { BOUND } from '../flags.ts';
import { openModeOf } from '../overlay/open.ts';
import { succeed } from '../prediction.ts';
import { openPath } from './open.ts';
import { takeLease } from './lease.ts';
import { defineOp } from './op.ts';

/** A slot behind those of scenarios, for the time of the step. */
const SLOT = BOUND.slots;

/** Opens a file while an open file has a lease, which is given back then. */
export const openLeased = defineOp({
  args: { fd: 'fd', type: 'lockType', path: 'path', flags: 'reopenFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { fd, type, path, flags }) {
    const { world } = context;
    const taken = takeLease(context, fd, type);
    // Without a lease it is opened all the same.
    const holder = taken.ok ? (world.slots[fd] ?? null) : null;
    world.lease =
      holder === null ? null : { inode: holder.inode, isForReading: type === 'F_RDLCK' };
    const opened = openPath(context, path, openModeOf(flags), 0);
    world.lease = null;
    if (opened.ok) {
      installFile(world, SLOT, opened.value);
      closeSlot(world, SLOT);
      world.slots.length = BOUND.slots;
    }
    if (!taken.ok) return taken;
    return opened.ok ? succeed(null) : opened;
  },
});
