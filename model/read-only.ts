import { profileOf } from './bases.ts';
import { PAGE_BYTES } from './flags.ts';
import { FIRST_SEC } from './layer-plan.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealFs, RealInode } from './state.ts';
import { isZeros } from './zeros.ts';

/** What becomes of a tree when it is made a file system that nobody can write to. */
export function settleReadOnly({ root }: Pick<RealFs, 'root'>, semantics: Semantics): void {
  // No step makes it.
  root.mtime = { sec: FIRST_SEC, nsec: 0 };
  settle(root, semantics);
}

function settle(inode: RealInode, semantics: Semantics): void {
  inode.atime = inode.mtime;
  inode.ctime = inode.mtime;
  const { content, pages, entries } = inode;
  const takesZeros = profileOf(inode).wholeData(semantics) === 'all';
  pages.clear();
  for (let at = 0; at < content.length; at += PAGE_BYTES) {
    if (takesZeros || !isZeros(content.bytes(at, at + PAGE_BYTES))) pages.add(at / PAGE_BYTES);
  }
  for (const child of entries.values()) settle(child, semantics);
}
