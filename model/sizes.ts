import { SECTOR_BYTES } from './base-blocks.ts';
import type { NamesInSize } from './base-profile.ts';
import { EMPTY_TMPFS_DIR_BYTES, profileOf } from './bases.ts';
import type { RealInode } from './state.ts';

export function sizeOf(inode: RealInode): number {
  switch (inode.type) {
    case 'dir':
      if (isMergedRoot(inode)) return EMPTY_TMPFS_DIR_BYTES;
      return profileOf(inode).dirBytes(inode);
    case 'file':
      return inode.content.length;
    case 'symlink':
      return inode.target.length;
    default:
      return 0;
  }
}

/** How the size of a directory hangs on its names; null for what has no names. */
export function namesInSizeOf(inode: RealInode): NamesInSize | null {
  return inode.type === 'dir' ? profileOf(inode).namesInSize : null;
}

export function blocksOf(inode: RealInode): number | null {
  const names = namesInSizeOf(inode);
  const isTooLarge = names !== null && sizeOf(inode) > names.bytesMax;
  return inode.hasReserved || isTooLarge ? null : profileOf(inode).blocks(inode);
}

/** What a file of its size would have without holes, in blocks of the size that is told. */
export function blocksForSize(inode: RealInode): number {
  const { statBlockBytes } = profileOf(inode);
  return (Math.ceil(sizeOf(inode) / statBlockBytes) * statBlockBytes) / SECTOR_BYTES;
}

/** st_nlink, as far as the file system counts. */
export function nlinkShown(inode: RealInode): number {
  const { type, nlink } = inode;
  if (isMergedRoot(inode)) return 1;
  return type === 'dir' && profileOf(inode).countsNoDirs ? Math.min(nlink, 1) : nlink;
}

/** The root of an overlay that others are made of. */
export function isMergedRoot(inode: RealInode): boolean {
  return inode.parent === null && inode.type === 'dir' && profileOf(inode).hasMergedRoot;
}
