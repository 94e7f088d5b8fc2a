import { BOUND } from '../flags.ts';
import { closeSlot } from '../open-file.ts';
import { readFile, writeFile } from '../overlay/file.ts';
import { topOf } from '../overlay/inode.ts';
import { openModeOf } from '../overlay/open.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { isRoot, MAY_READ } from '../permission.ts';
import { succeed } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import { resolve } from '../walk.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';
import { openPath } from './open.ts';

/** A slot behind those of scenarios, for the time of the step. */
const SLOT = BOUND.slots;
const READ_BYTES = 64;

/** What inotify(7) tells of an object that is opened, read, written to and closed. */
export const watch = defineOp({
  args: { path: 'path', flags: 'reopenFlags', bytes: 'bytes' },
  syscall: 'recipe',
  result: 'events',

  predict(context, { path, flags, bytes }) {
    const { world } = context;
    const target = resolve(context, path, { follow: true });
    const isLower = target.ok && target.value.inode.upper === null;
    const why = target.ok ? whyNotWatched(context, target.value) : target;
    const mode = target.ok ? topOf(target.value.inode).mode : 0;
    const how = openModeOf(flags);
    // What cannot be watched is opened all the same.
    const opened = openPath(context, path, how, 0);
    let events: readonly string[] = [];
    if (opened.ok) {
      const file = opened.value;
      const truncates = how.truncates && file.inode.type === 'file';
      world.slots[SLOT] = file;
      events = [
        ...(truncates ? ['opened IN_MODIFY'] : []),
        ...(topOf(file.inode).mode === mode ? [] : ['opened IN_ATTRIB']),
        ...eventsOf(context, file, bytes),
      ];
      closeSlot(world, SLOT);
      world.slots.length = BOUND.slots;
      if (isLower && file.inode.upper !== null) context.rule('watch/survives-copy-up');
    }
    if (why !== null) return why;
    return opened.ok ? succeed(events) : opened;
  },
});

function whyNotWatched(
  { caller }: Context,
  { inode }: { readonly inode: OpenFile['inode'] },
): Failure | null {
  return whyNotPermitted(inode, caller, MAY_READ);
}

/** Reads and writes once what is open in the slot. */
function eventsOf(context: Context, file: OpenFile, bytes: string): readonly string[] {
  if (file.isPath) return [];
  const read = readFile(context, SLOT, READ_BYTES, null);
  const { mode } = topOf(file.inode);
  const written = writeFile(context, SLOT, bytes, null);
  return [
    'opened IN_OPEN',
    ...(read.ok && read.value !== '' ? ['used IN_ACCESS'] : []),
    ...(written.ok && written.value > 0 ? ['used IN_MODIFY'] : []),
    // What its mounter takes away is not seen in the overlay.
    ...(topOf(file.inode).mode === mode || isRoot(context.caller) ? [] : ['used IN_ATTRIB']),
    file.canWrite ? 'closed IN_CLOSE_WRITE' : 'closed IN_CLOSE_NOWRITE',
  ];
}
