import { profileOf } from './bases.ts';
import { dirty } from './faults.ts';
import { PAGE_BYTES } from './flags.ts';
import { dropFromMemory, isSeenInMemory } from './last-look.ts';
import type { Content } from './sparse.ts';
import type { RealInode } from './state.ts';

/** What is in the files of a layer, and which of their pages are allocated. */

/** Writes bytes at an offset; a gap before them reads as zeros and stays a hole. */
export function writeContent(inode: RealInode, offset: number, bytes: Content | string): void {
  if (bytes.length === 0) return;
  const end = offset + bytes.length;
  const isGap = offset > inode.content.length && inode.zeroesTail;
  if (isGap) fillLastBlock(inode);
  const { content, tail } = inode;
  const all = isGap ? content : content.concat(tail);
  setContent(
    inode,
    all.slice(0, offset).padEnd(offset).concat(bytes, all.slice(end)),
    Math.max(content.length, end),
  );
  writeShared(inode);
  for (const page of pagesOf(offset, end)) {
    inode.pages.add(page);
    inode.unwritten.delete(page);
    dirty(inode, page);
  }
  inode.version++;
}

/** Sets the size: grows by a hole, or cuts and frees the pages behind, which growing leaves. */
export function resizeContent(inode: RealInode, size: number): void {
  if (size > inode.content.length) {
    growContent(inode, size);
    return;
  }
  setContent(inode, inode.content.slice(0, size), size);
  inode.version++;
  inode.foundHoles.clear();
  const pages = Math.ceil(size / PAGE_BYTES);
  if (inode.pages.has(pages - 1)) delete inode.cutHoleAt;
  else inode.cutHoleAt = pages;
  for (const page of inode.pages) if (page >= pages) freePage(inode, page);
  dropFromMemory(inode, pages * PAGE_BYTES);
  if (size % PAGE_BYTES !== 0) zeroPart(inode, pages - 1);
  // Of an empty file nothing is reserved.
  if (size === 0 && inode.type === 'file') inode.hasReserved = inode.sharesBlocks = false;
}

/** Zeros are written to a part of a page, unless there are nothing but zeros. */
export function zeroPart(inode: RealInode, page: number): void {
  if (!inode.pages.has(page) || inode.unwritten.has(page)) return;
  writeShared(inode);
  if (!profileOf(inode).writesZeros) dirty(inode, page);
}

/** Blocks that are shared are not written to, where others can be reserved for it. */
export function writeShared(inode: RealInode): void {
  if (inode.sharesBlocks && profileOf(inode).reservesCopies) inode.hasReserved = true;
}

/** Some write zeros behind an end within a block that is to move on, whatever the block was. */
export function fillLastBlock(inode: RealInode): void {
  const { length } = inode.content;
  if (length % PAGE_BYTES !== 0) zeroPart(inode, Math.floor(length / PAGE_BYTES));
  if (length % PAGE_BYTES === 0 || !profileOf(inode).fillsBlocks) return;
  inode.pages.add(Math.floor(length / PAGE_BYTES));
  inode.unwritten.delete(Math.floor(length / PAGE_BYTES));
}

/** What a mapping wrote behind the end comes to light where the end moves. */
export function growContent(inode: RealInode, size: number): void {
  if (size <= inode.content.length) return;
  fillLastBlock(inode);
  const all = inode.zeroesTail ? inode.content : inode.content.concat(inode.tail);
  setContent(inode, all.padEnd(size), size);
  inode.version++;
}

export function setContent(inode: RealInode, all: Content, size: number): void {
  inode.content = all.slice(0, size);
  inode.tail = all.bytes(size);
}

/** fallocate(2): a page that was allocated and never written counts as data the second time. */
export function allocate(inode: RealInode, from: number, to: number): void {
  for (const page of pagesOf(from, to)) {
    if (!inode.pages.has(page)) inode.unwritten.add(page);
    else if (!profileOf(inode).hasRanges) inode.unwritten.delete(page);
    inode.pages.add(page);
  }
  inode.version++;
}

/** Reads as zeros from now on; pages that are wholly inside are freed. */
export function punchHole(inode: RealInode, from: number, to: number): void {
  const { content, tail } = inode;
  const all = content.concat(tail);
  const end = Math.min(to, all.length);
  if (from < end) {
    setContent(inode, all.slice(0, from).padEnd(end).concat(all.slice(end)), content.length);
  }
  const last = Math.floor(to / PAGE_BYTES);
  const { fillsBlocks } = profileOf(inode);
  const { length } = content;
  const zeroed = fillsBlocks ? Math.ceil(length / PAGE_BYTES) * PAGE_BYTES : length;
  for (const at of from < zeroed ? [from, Math.min(to, zeroed)] : []) {
    if (at % PAGE_BYTES === 0) continue;
    if (fillsBlocks) inode.unwritten.delete(Math.floor(at / PAGE_BYTES));
    zeroPart(inode, Math.floor(at / PAGE_BYTES));
  }
  for (let page = Math.ceil(from / PAGE_BYTES); page < last; page++) freePage(inode, page);
  dropFromMemory(inode, from, to);
  inode.version++;
}

/** The next offset that is data, or a hole; the end of the file is a hole. Null: there is none. */
export function seekData(inode: RealInode, from: number, wanted: 'data' | 'hole'): number | null {
  const size = inode.content.length;
  const start = profileOf(inode).seeksFromBefore ? Math.max(from, 0) : from;
  if (start < 0 || start >= size) return null;
  const isData = (page: number): boolean =>
    inode.pages.has(page) && (!inode.unwritten.has(page) || isSeenInMemory(inode, page));
  const first = Math.floor(start / PAGE_BYTES);
  if (isData(first) === (wanted === 'data')) return start;
  // A file may be far larger than what is in it.
  let page = first + 1;
  if (wanted === 'hole') while (isData(page)) page++;
  else page = Math.min(...[...inode.pages].filter((data) => data > first && isData(data)));
  if (page * PAGE_BYTES < size) return page * PAGE_BYTES;
  return wanted === 'hole' ? size : null;
}

function freePage(inode: RealInode, page: number): void {
  inode.pages.delete(page);
  inode.unwritten.delete(page);
  inode.dirtyPages?.delete(page);
}

function* pagesOf(from: number, to: number): Generator<number> {
  const last = Math.floor((to - 1) / PAGE_BYTES);
  for (let page = Math.floor(from / PAGE_BYTES); page <= last; page++) yield page;
}
