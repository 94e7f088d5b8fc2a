import type { Errno } from '../errno.ts';
import type { DirentsView } from '../observation.ts';
import { openFileOf } from '../open-file.ts';
import { beginListing, continueListing } from '../overlay/listing.ts';
import { profileOf } from '../bases.ts';
import { topOf } from '../overlay/inode.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile } from '../state.ts';
import { defineOp } from './op.ts';

/** The header of struct linux_dirent64, the name with its NUL, aligned. */
const HEADER_BYTES = 19;
const ALIGNMENT = 8;

function direntBytes(name: string): number {
  return Math.ceil((HEADER_BYTES + name.length + 1) / ALIGNMENT) * ALIGNMENT;
}

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
    if (isAtStart && size < direntBytes('.') && !mayHaveDotsLate(file)) {
      // Nothing fits: what would come later is not looked up.
      const begun = beginListing(context, file);
      return begun.ok ? fail('EINVAL') : begun;
    }
    const listed = continueListing(context, file);
    if (!listed.ok) return listed;
    const { value: view, unless = [] } = listed;
    const moves = file.listing?.kind === 'live' && profileOf(topOf(file.inode)).hashesNames;
    if (isAtStart && size < direntBytes('.') && !moves) {
      // Nothing fits, so the file stays where it was: at the start, where listings are made anew.
      const mayHaveMoved = hasHiddenFirst(file);
      file.listing =
        mayHaveMoved && file.listing !== null ? { ...file.listing, kind: 'unknown' } : null;
      file.position = mayHaveMoved ? Number.NaN : 0;
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

/** Names that are sorted by their hashes may come before `.`, which else is the first. */
function mayHaveDotsLate({ inode }: OpenFile): boolean {
  const layers = [...(inode.upper === null ? [] : [inode.upper]), ...inode.lowers];
  return layers.some((dir) => profileOf(dir).hashesNames);
}
