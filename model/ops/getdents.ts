import type { Errno } from '../errno.ts';
import type { DirentsView } from '../observation.ts';
import { openFileOf } from '../open-file.ts';
import { continueListing } from '../overlay/listing.ts';
import { direntBytes, mayHaveDotsLate } from '../overlay/listing-room.ts';
import { profileOf } from '../bases.ts';
import { topOf } from '../overlay/inode.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import { defineOp } from './op.ts';

export const getdents = defineOp({
  args: { fd: 'fd', size: 'size' },
  syscall: ['getdents64', '$fd', 'out:$size', '$size'],
  result: 'dirents',

  predict(context, { fd, size }): Prediction<DirentsView> {
    const opened = openFileOf(context.world, fd);
    if (!opened.ok) return opened;
    const file = opened.value;
    if (file.isPath) return fail('EBADF');
    if (file.inode.type !== 'dir') return fail('ENOTDIR');
    // The VFS refuses to list a directory that was removed.
    if (file.inode.vfsNlink === 0) return fail('ENOENT');
    const isAtStart = file.listing === null && file.position === 0;
    const listed = continueListing(context, file, size);
    if (!listed.ok) return listed;
    const { value: view, unless = [] } = listed;
    const moves = file.listing?.kind === 'live' && profileOf(topOf(file.inode)).hashesNames;
    if (isAtStart && size < direntBytes('.') && !moves) {
      // Nothing fits, so the file stays where it was: at the start, where listings are made anew.
      const dotsLate = mayHaveDotsLate(file);
      const mayHaveMoved = dotsLate && hasHiddenFirst(file);
      file.listing =
        mayHaveMoved && file.listing !== null ? { ...file.listing, kind: 'unknown' } : null;
      file.position = mayHaveMoved ? Number.NaN : 0;
      if (!dotsLate) return fail('EINVAL');
    }
    // The call fails when the next entry does not fit, and which one is next is not predicted.
    const names = [...view.must.keys(), ...(view.may ?? [])];
    const mayNotFit = view.may === null || names.some((name) => direntBytes(name) > size);
    const errnos: readonly Errno[] = mayNotFit ? ['EINVAL', ...unless] : unless;
    return errnos.length > 0 ? { ok: true, value: view, unless: errnos } : succeed(view);
  },
});

/** Whether a whiteout, which is passed over, may come before the first name that is shown. */
function hasHiddenFirst({ listing }: OpenFile): boolean {
  return listing?.kind === 'snapshot' && listing.entries.some(({ isWhiteout }) => isWhiteout);
}
