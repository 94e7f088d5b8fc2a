import { profileOf } from './bases.ts';
import { BOUND, PAGE_BYTES } from './flags.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

/**
 * What SEEK_DATA takes for data although it was never written, because it was read. All files are
 * looked at after each step, as long as they have a name; this is about those that have lost it.
 */

/** What there is has been read to the end by the time that the last name goes. */
export function noteLastLook(inode: RealInode, { behaviour }: Semantics): void {
  // Nothing is read of what is empty.
  if (!profileOf(inode).readsMakeData || inode.content.length === 0) return;
  const length = Math.min(inode.content.length, BOUND.fileBytes);
  const pages = Math.ceil(length / PAGE_BYTES);
  inode.inMemory = new Set(Array.from({ length: pages }, (_, page) => page));
  if (behaviour.readAtEnd === 'makes a page') inode.inMemory.add(Math.floor(length / PAGE_BYTES));
}

/** Reading it after that reads ahead as well, and how far is not predicted. */
export function noteReading(inode: RealInode): void {
  if (inode.nlink === 0 && profileOf(inode).readsMakeData) inode.readsAhead = true;
}

/** A range leaves memory: its whole pages, or all pages that it touches. */
export function dropFromMemory(inode: RealInode, from: number, to = Infinity): void {
  const { inMemory } = inode;
  if (inMemory === undefined) return;
  const { dropsPartPages } = profileOf(inode);
  const first = (dropsPartPages ? Math.floor : Math.ceil)(from / PAGE_BYTES);
  const end = (dropsPartPages ? Math.ceil : Math.floor)(to / PAGE_BYTES);
  for (const page of inMemory) if (page >= first && page < end) inMemory.delete(page);
}

/** Whether SEEK_DATA finds a page that has room on the file system, but was never written. */
export function isSeenInMemory(inode: RealInode, page: number): boolean {
  if (!profileOf(inode).readsMakeData) return false;
  return inode.nlink > 0 || inode.inMemory?.has(page) === true;
}
