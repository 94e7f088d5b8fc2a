import { writeShared } from './content.ts';
import { PAGE_BYTES } from './flags.ts';
import type { RealInode } from './state.ts';

/** The modes of fallocate(2) that a file system on a disk has and tmpfs has not. */

/** Reads as zeros and is allocated; blocks that are wholly inside count as never written. */
export function zeroRange(inode: RealInode, from: number, to: number): void {
  const { content, pages, unwritten } = inode;
  const end = Math.min(to, content.length);
  if (from < end) {
    inode.content = content.slice(0, from).padEnd(end).concat(content.slice(end));
  }
  const last = Math.floor((to - 1) / PAGE_BYTES);
  for (let page = Math.floor(from / PAGE_BYTES); page <= last; page++) {
    const isWhole = page * PAGE_BYTES >= from && (page + 1) * PAGE_BYTES <= to;
    if (!isWhole) zeroShared(inode, page);
    if (isWhole || !pages.has(page)) unwritten.add(page);
    pages.add(page);
  }
  inode.version++;
}

/** Why a range cannot be taken out: it must be of whole blocks and end before the file does. */
export function isCollapsible({ content }: RealInode, from: number, to: number): boolean {
  return from % PAGE_BYTES === 0 && to % PAGE_BYTES === 0 && to < content.length;
}

/** Takes a range out of a file: what is behind it moves to the front. */
export function collapseRange(inode: RealInode, from: number, to: number): void {
  inode.content = inode.content.slice(0, from).concat(inode.content.slice(to));
  for (const pages of [inode.pages, inode.unwritten]) {
    const moved = [...pages].flatMap((page) => {
      const at = page * PAGE_BYTES;
      if (at < from) return [page];
      return at < to ? [] : [page - (to - from) / PAGE_BYTES];
    });
    pages.clear();
    for (const page of moved) pages.add(page);
  }
  const { length } = inode.content;
  if (length % PAGE_BYTES !== 0) zeroShared(inode, Math.floor(length / PAGE_BYTES));
  inode.version++;
}

/** Zeros are written to a part of a block, which others may have, too. */
function zeroShared(inode: RealInode, page: number): void {
  if (inode.pages.has(page) && !inode.unwritten.has(page)) writeShared(inode);
}

/** Where a hole can be put in: between blocks, before the end. */
export function isInsertable({ content }: RealInode, from: number, to: number): boolean {
  return from % PAGE_BYTES === 0 && to % PAGE_BYTES === 0 && from < content.length;
}

/** Puts a hole into a file: what was there moves to the back. */
export function insertRange(inode: RealInode, from: number, to: number): void {
  const { content } = inode;
  inode.content = content.slice(0, from).padEnd(to).concat(content.slice(from));
  for (const pages of [inode.pages, inode.unwritten]) {
    const moved = [...pages].map((page) => {
      return page * PAGE_BYTES < from ? page : page + (to - from) / PAGE_BYTES;
    });
    pages.clear();
    for (const page of moved) pages.add(page);
  }
  inode.version++;
}
