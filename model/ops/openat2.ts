import { installFile } from '../open-file.ts';
import { openModeOf } from '../overlay/open.ts';
import { fail, succeed } from '../prediction.ts';
import { openPath } from './open.ts';
import { defineOp } from './op.ts';

const MODE_MASK = 0o7777;

/** Opens a path from the root of the overlay on, with limits to where it may lead. */
export const openat2 = defineOp({
  args: { slot: 'newFd', path: 'path', flags: 'openFlags', mode: 'mode', resolve: 'resolveFlags' },
  syscall: 'recipe',
  result: 'fd',

  predict(context, { slot, path, flags, mode, resolve }) {
    const how = { ...openModeOf(flags), noSymlinks: resolve.includes('RESOLVE_NO_SYMLINKS') };
    const makes = how.flags.has('O_CREAT') || how.flags.has('O_TMPFILE');
    if (!makes && mode !== 0) return fail('EINVAL');
    if (resolve.includes('RESOLVE_BENEATH') && resolve.includes('RESOLVE_IN_ROOT'))
      return fail('EINVAL');
    if (how.flags.has('O_PATH') && flags.some((flag) => !PATH_FLAGS.has(flag)))
      return fail('EINVAL');
    const opened = openPath(context, path, how, mode & MODE_MASK);
    if (!opened.ok) return opened;
    context.rule('openat2/stays-below');
    installFile(context.world, slot, opened.value);
    return succeed(null);
  },
});

/** All that goes with O_PATH; openat(2) forgives the rest. */
const PATH_FLAGS: ReadonlySet<string> = new Set([
  ...['O_PATH', 'O_RDONLY', 'O_DIRECTORY', 'O_NOFOLLOW'],
]);
