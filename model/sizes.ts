import { SECTORS_PER_BLOCK } from './base-blocks.ts';
import { profileOf } from './bases.ts';
import { PAGE_BYTES } from './flags.ts';
import type { RealInode } from './state.ts';

export function sizeOf(inode: RealInode): number {
  switch (inode.type) {
    case 'dir':
      return profileOf(inode).dirBytes(inode);
    case 'file':
      return inode.content.length;
    case 'symlink':
      return inode.target.length;
    default:
      return 0;
  }
}

export function blocksOf(inode: RealInode): number {
  return profileOf(inode).blocks(inode);
}

/** What a file of a size would have without holes. */
export function blocksForSize(size: number): number {
  return Math.ceil(size / PAGE_BYTES) * SECTORS_PER_BLOCK;
}
