import { PAGE_BYTES } from './flags.ts';
import type { RealInode } from './state.ts';

/**
 * Whether a file system that remembers holes takes a range for one, which is then left as it is,
 * and what it remembers from then on.
 * It asks about the first block of the range alone. Of a hole that it does not remember there it
 * finds as many blocks as the range needs where it is aligned, and joins them with what it
 * remembers beside them; the end of that has to be behind the range. All holes of the content are
 * known.
 *
 * Where the file was cut within a hole, what is behind may be another hole to it, and the block at
 * the end of a range over both is written to; or it forgot what is before. That hangs on what was
 * synced when, and is not predicted.
 *
 * Source: hand experiments on btrfs; every kernel that has a profile does the same.
 */
export function findHole(inode: RealInode, from: number, to: number): boolean | 'perhaps' {
  const { pages, foundHoles, cutHoleAt } = inode;
  const known = Math.ceil(inode.content.length / PAGE_BYTES);
  const isKnown = (page: number): boolean =>
    !pages.has(page) && (page < known || foundHoles.has(page));
  const first = Math.floor(from / PAGE_BYTES);
  const asked = first + Math.ceil((to - from) / PAGE_BYTES);
  const needed = Math.ceil(to / PAGE_BYTES);
  if (cutHoleAt !== undefined && first < cutHoleAt && cutHoleAt < needed) {
    inode.hasReserved = true;
    return [...pages].every((page) => page < first || page >= needed) ? 'perhaps' : false;
  }
  let end = first;
  while (end < asked && !pages.has(end) && !isKnown(end)) foundHoles.add(end++);
  while (end < needed && isKnown(end)) end++;
  if (end === needed) return true;
  for (const page of foundHoles) {
    if (page >= end && (page + 1) * PAGE_BYTES <= to) foundHoles.delete(page);
  }
  return false;
}
