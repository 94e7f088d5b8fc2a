import { hasMagic, isProgram, PROGRAM_BYTES } from '../executable.ts';
import { isUnreadable } from '../layer.ts';
import { readBySplicing } from '../memory.ts';
import { closeSlot } from '../open-file.ts';
import { whyDataMissing } from '../overlay/data-layers.ts';
import { dataOf, topOf } from '../overlay/inode.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { MAY_EXEC } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import { resolve } from '../walk.ts';
import { defineOp } from './op.ts';

/** What the kernel reads before it knows what it has. */
const HEADER_BYTES = 256;

/** Starts a program, which stops at once and stays in its slot; the one before it ends first. */
export const execute = defineOp({
  args: { slot: 'newFd', path: 'path' },
  syscall: 'recipe',
  result: 'none',

  predict(context, { slot, path }) {
    const { world, semantics, caller, rule } = context;
    world.program = null;
    closeSlot(world, slot);
    const found = resolve(context, path, { follow: true });
    if (!found.ok) return found;
    const { inode, dentry } = found.value;
    if (inode.type !== 'file') return fail('EACCES');
    const why = whyNotPermitted(inode, caller, MAY_EXEC);
    if (why !== null) return why;
    const missing = whyDataMissing(context, inode);
    if (missing !== null) return missing;
    const { runningProgram } = semantics.behaviour;
    rule(runningProgram === 'guards its real file' ? 'exec/real-file' : 'exec/overlay-inode');
    const isWritten = world.slots.some((file) => file?.inode === inode && file.canWrite);
    if (isWritten) return fail('ETXTBSY');
    const real = dataOf(inode);
    const content = real.content.bytes(0, PROGRAM_BYTES);
    readBySplicing(context, real, 0, HEADER_BYTES);
    // What is wrong with a program may show when there is nothing to go back to any more.
    if (!isProgram(content)) return hasMagic(content) ? fail('ENOEXEC', 'EIO') : fail('ENOEXEC');
    // Privileges come with it, and one that cannot be read is none to go without.
    const capability = topOf(inode).xattrs.get('security.capability');
    if (isUnreadable(capability)) return fail(capability.unreadable);
    world.program = { slot, inode, dentry, real };
    return succeed(null);
  },
});
