import { PAGE_BYTES } from './flags.ts';
import type { RealInode } from './state.ts';

/**
 * Whether a file system that remembers holes takes a range for one, which is then left as it is.
 * It looks at as many blocks as the range needs where it is aligned; asks only about the first of
 * them, and gets the hole that it remembers there, as long as that was when it was found, or else
 * the one that there is, no longer than asked for. All holes of the content are known.
 *
 * Source: hand experiments on btrfs; every kernel that has a profile does the same.
 */
export function isFoundHole(inode: RealInode, from: number, to: number): boolean {
  const { pages, foundHoles } = inode;
  const known = Math.ceil(inode.content.length / PAGE_BYTES);
  const isKnown = (page: number): boolean =>
    !pages.has(page) && (page < known || foundHoles.has(page));
  const first = Math.floor(from / PAGE_BYTES);
  const last = first + Math.ceil((to - from) / PAGE_BYTES);
  let end = first;
  while (end < last && !pages.has(end) && !isKnown(end)) foundHoles.add(end++);
  while (end < last && isKnown(end)) end++;
  if (end >= Math.ceil(to / PAGE_BYTES)) return true;
  for (const page of foundHoles) {
    if (page >= end && (page + 1) * PAGE_BYTES <= to) foundHoles.delete(page);
  }
  return false;
}
