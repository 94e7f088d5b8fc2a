import { installFile, openFileOf } from '../open-file.ts';
import { newOpenFile, openExisting, openModeOf } from '../overlay/open.ts';
import { fail, succeed } from '../prediction.ts';
import { defineOp } from './op.ts';

/** Opens what is open once more, by its link in /proc/self/fd, whatever name it has or had. */
export const reopenFd = defineOp({
  args: { slot: 'newFd', fd: 'fd', flags: 'reopenFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { slot, fd, flags }) {
    const file = openFileOf(context.world, fd);
    if (!file.ok) return file;
    // That would be about the link itself, which is none of the overlay's.
    const how = openModeOf(flags.filter((flag) => flag !== 'O_NOFOLLOW'));
    const { inode, dentry } = file.value;
    if (how.flags.has('O_DIRECTORY') && inode.type !== 'dir') return fail('ENOTDIR');
    context.rule('reopen/by-open-file');
    const target = { inode, dentry };
    const opened = how.flags.has('O_PATH')
      ? succeed(newOpenFile(target, how))
      : openExisting(context, target, how);
    if (!opened.ok) return opened;
    installFile(context.world, slot, opened.value);
    return succeed(null);
  },
});
