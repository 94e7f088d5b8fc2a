import { BOUND } from '../flags.ts';
import { startWatch, tellUsed } from '../notify.ts';
import { closeSlot } from '../open-file.ts';
import { dropCaches, forgetUnused } from '../overlay/evict.ts';
import { writeFile } from '../overlay/file.ts';
import { topOf } from '../overlay/inode.ts';
import { openModeOf } from '../overlay/open.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { isRoot, MAY_READ } from '../permission.ts';
import { sayOutcome, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { stepOfChange, WATCHED_BYTES, WATCHED_FLAGS, WATCHED_MODE } from '../watched-step.ts';
import { chmod } from './chmod.ts';
import { link } from './link.ts';
import { mkdir } from './mkdir.ts';
import type { ArgsOf, Context } from './op.ts';
import { defineOp } from './op.ts';
import { openPath } from './open.ts';
import { rename } from './rename.ts';
import { rmdir } from './rmdir.ts';
import { setxattr } from './setxattr.ts';
import { truncate } from './truncate.ts';
import { unlink } from './unlink.ts';

/** A slot behind those of scenarios, for the time of the step. */
const SLOT = BOUND.slots;

const ARGS = {
  path: 'path',
  caches: 'watchCaches',
  change: 'watchedChange',
  name: 'path',
  to: 'path',
} as const;

/**
 * What inotify(7) tells of an object while a call changes that, or another one, by its name. Names
 * may have been forgotten in between, but not the inode, which the watch holds. The result is how
 * the call went, and what was told, in order.
 */
export const watchChange = defineOp({
  args: ARGS,
  syscall: 'recipe',
  result: 'told',

  predict(context, args) {
    const { world, caller, rule } = context;
    const target = resolve(context, args.path, { follow: true });
    const why = target.ok ? whyNotPermitted(target.value.inode, caller, MAY_READ) : target;
    const wasLower = target.ok && target.value.inode.upper === null;
    const watch = target.ok && why === null ? startWatch(world, target.value.inode) : null;
    // Not everybody may remount.
    const isDropped = args.caches === 'dropped' && isRoot(caller);
    if (isDropped) dropCaches(context);
    const called = predictChange(context, args);
    world.watch = null;
    forgetUnused(world);
    if (why !== null || watch === null) return why ?? succeed('');
    const isTold = watch.told.length > 0;
    if (isTold && wasLower && watch.inode.upper !== null) rule('watch/survives-copy-up');
    if (isTold && isDropped) rule('watch/outlives-cache');
    return succeed([sayOutcome(called), ...watch.told].join(', '));
  },
});

function predictChange(context: Context, args: ArgsOf<typeof ARGS>): Prediction<unknown> {
  const step = stepOfChange(args);
  if (step === null) return writeOnce(context, args.name);
  switch (step.op) {
    case 'unlink':
      return unlink.predict(context, step.args);
    case 'rmdir':
      return rmdir.predict(context, step.args);
    case 'rename':
      return rename.predict(context, step.args);
    case 'link':
      return link.predict(context, step.args);
    case 'mkdir':
      return mkdir.predict(context, step.args);
    case 'chmod':
      return chmod.predict(context, step.args);
    case 'truncate':
      return truncate.predict(context, step.args);
    case 'setxattr':
      return setxattr.predict(context, step.args);
  }
}

/** Opens, writes and closes, as a shell does. */
function writeOnce(context: Context, path: string): Prediction<unknown> {
  const { world } = context;
  const opened = openPath(context, path, openModeOf(WATCHED_FLAGS), WATCHED_MODE);
  if (!opened.ok) return opened;
  const { dentry, inode } = opened.value;
  tellUsed(context, { dentry, inode }, 'IN_OPEN');
  world.slots[SLOT] = opened.value;
  const { mode } = topOf(inode);
  const written = writeFile(context, SLOT, WATCHED_BYTES, null);
  // What its mounter takes away is not seen in the overlay.
  const isLess = topOf(inode).mode !== mode && !isRoot(context.caller);
  if (isLess) tellUsed(context, { dentry, inode }, 'IN_ATTRIB');
  if (written.ok && written.value > 0) tellUsed(context, { dentry, inode }, 'IN_MODIFY');
  closeSlot(world, SLOT);
  world.slots.length = BOUND.slots;
  tellUsed(context, { dentry, inode }, 'IN_CLOSE_WRITE');
  return written;
}
