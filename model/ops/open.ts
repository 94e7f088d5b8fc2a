import { tellCreated } from '../notify.ts';
import { createAt, createUnnamed } from '../overlay/dir.ts';
import { mayCreate } from '../overlay/create.ts';
import { mayBeDirect, newOpenFile, openExisting, openModeOf } from '../overlay/open.ts';
import type { OpenMode } from '../overlay/open.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { installFile } from '../open-file.ts';
import { MAY_EXEC, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import { resolve, resolvePlace } from '../walk.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

const MODE_MASK = 0o7777;

export const open = defineOp({
  args: { slot: 'newFd', path: 'path', flags: 'openFlags', mode: 'mode' },
  syscall: ['openat', 'AT_FDCWD', '$path', '$flags', '$mode'],
  result: 'fd',

  predict(context, { slot, path, flags, mode }) {
    const opened = openPath(context, path, openModeOf(flags), mode & MODE_MASK);
    if (!opened.ok) return opened;
    installFile(context.world, slot, opened.value);
    return succeed(null);
  },
});

/** open(2) of a path, however it was called. */
export function openPath(
  context: Context,
  path: string,
  how: OpenMode,
  mode: number,
): Prediction<OpenFile> {
  const { flags } = how;
  if (flags.has('O_PATH')) return openAsPath(context, path, how);
  if (flags.has('O_TMPFILE')) return openUnnamed(context, path, how, mode);
  if (flags.has('O_CREAT') && flags.has('O_DIRECTORY')) return fail('EINVAL');
  const creates = flags.has('O_CREAT');
  const isExclusive = creates && flags.has('O_EXCL');
  const place = resolvePlace(context, path, {
    follow: !flags.has('O_NOFOLLOW') && !isExclusive,
    noSymlinks: how.noSymlinks,
  });
  if (!place.ok) return place;
  const dentry = place.value?.dentry ?? context.world.overlay.root;
  const { inode } = dentry;
  if (place.value === null || inode !== null) {
    if (inode === null) return fail('ENOENT');
    if (isExclusive) return fail('EEXIST');
    if (creates && inode.type === 'dir') return fail('EISDIR');
    if (flags.has('O_DIRECTORY') && inode.type !== 'dir') return fail('ENOTDIR');
    return openExisting(context, { dentry, inode }, how);
  }
  if (!creates) return fail('ENOENT');
  const may = mayCreate(context, place.value);
  if (!may.ok) return may;
  const made = createAt(context, place.value, { type: 'file', mode });
  if (!made.ok) return made;
  tellCreated(context, place.value, false);
  if (!mayBeDirect(context, made.value, how)) return fail('EINVAL');
  return succeed(newOpenFile({ dentry, inode: made.value }, how));
}

/** O_PATH looks at two further flags only and asks for no permission on the object. */
function openAsPath(context: Context, path: string, how: OpenMode): Prediction<OpenFile> {
  const found = resolve(context, path, {
    follow: !how.flags.has('O_NOFOLLOW'),
    noSymlinks: how.noSymlinks,
  });
  if (!found.ok) return found;
  if (how.flags.has('O_DIRECTORY') && found.value.inode.type !== 'dir') return fail('ENOTDIR');
  return succeed(newOpenFile(found.value, how));
}

function openUnnamed(
  context: Context,
  path: string,
  how: OpenMode,
  mode: number,
): Prediction<OpenFile> {
  if (how.flags.has('O_CREAT') || !how.canWrite) return fail('EINVAL');
  const found = resolve(context, path, {
    follow: !how.flags.has('O_NOFOLLOW'),
    noSymlinks: how.noSymlinks,
  });
  if (!found.ok) return found;
  const { dentry, inode } = found.value;
  if (inode.type !== 'dir') return fail('ENOTDIR');
  const why = whyReadOnly(context) ?? whyNotPermitted(inode, context.caller, MAY_WRITE | MAY_EXEC);
  if (why !== null) return why;
  if (!context.semantics.features.has('overlay-tmpfile')) return fail('EOPNOTSUPP');
  context.rule('open/tmpfile');
  const made = createUnnamed(context, dentry, { mode, isLinkable: !how.flags.has('O_EXCL') });
  if (!made.ok) return made;
  if (made.value.inode === null) throw new Error('a new file without an inode');
  return succeed(newOpenFile({ dentry: made.value, inode: made.value.inode }, how));
}
