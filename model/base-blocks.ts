import { isAclName } from './acl-names.ts';
import { verityBlocks } from './fs-verity.ts';
import type { Behaviour } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';
import { isZeros } from './zeros.ts';

/** What sizes and counts of blocks file systems show, each in its own way. */

export const BLOCK_BYTES = 4096;
export const SECTORS_PER_BLOCK = 8;
export const SECTOR_BYTES = 512;

/** Data in whole blocks; directories and long symlinks have a block or none. */
export function blocksWith({
  ofDir,
  inlineSymlinkBytes,
}: {
  readonly ofDir: number;
  readonly inlineSymlinkBytes: number;
}): (inode: RealInode) => number {
  return ({ type, target, pages, content, verityDigest }) => {
    if (type === 'dir') return ofDir;
    if (type === 'symlink') return target.length > inlineSymlinkBytes ? SECTORS_PER_BLOCK : 0;
    const more = verityDigest === null ? 0 : verityBlocks(content.length);
    return (pages.size + more) * SECTORS_PER_BLOCK;
  };
}

const EXT4_INLINE_EXTENTS = 4;
const ext4OwnBlocks = blocksWith({ ofDir: SECTORS_PER_BLOCK, inlineSymlinkBytes: 59 });

/** A file in more pieces than its inode has room for needs blocks to list them. */
export function ext4Blocks(inode: RealInode): number | null {
  const { pages, unwritten } = inode;
  if (pages.size <= EXT4_INLINE_EXTENTS) return ext4OwnBlocks(inode);
  const isStart = (page: number): boolean =>
    !pages.has(page - 1) || unwritten.has(page - 1) !== unwritten.has(page);
  const extents = sumOf(pages, (page) => (isStart(page) ? 1 : 0));
  return extents > EXT4_INLINE_EXTENTS ? null : ext4OwnBlocks(inode);
}

const XFS_ATTR_BYTES = 1872;
const XFS_INLINE_SYMLINK_BYTES = 1024;
const XFS_ATTR_VALUE_BYTES = 255;
const xfsOwnBlocks = blocksWith({ ofDir: 0, inlineSymlinkBytes: XFS_INLINE_SYMLINK_BYTES });

/** What is cached with a page of a mapped hole, which xfs allocates as one. */
export function pagesAround(what: Behaviour['xfsMappedHoles']): number {
  return { 'that page': 1, 'two pages or more': 2, 'four pages or more': 4 }[what];
}

/** Xattrs have a block when one is too long, or all are, to be kept with the inode. */
export function xfsBlocks(inode: RealInode): number | null {
  const kept = [...inode.xattrs].filter(([name]) => !isAclName(name));
  const sizes = kept.map(([name, value]) => {
    const valueBytes = typeof value === 'string' ? value.length : 0;
    return { valueBytes, all: 3 + name.length - name.indexOf('.') - 1 + valueBytes };
  });
  const isLong = sizes.some(({ valueBytes }) => valueBytes > XFS_ATTR_VALUE_BYTES);
  const isFull = sumOf(sizes, ({ all }) => all) > XFS_ATTR_BYTES;
  return xfsOwnBlocks(inode) + (isLong || isFull ? SECTORS_PER_BLOCK : 0);
}

const BTRFS_NODE_SECTORS = 32;

/** Everything in whole blocks; its root directory has the block that it was made with. */
export function btrfsBlocks({ type, target, pages, parent }: RealInode): number {
  if (type === 'dir') return parent === null ? BTRFS_NODE_SECTORS : 0;
  if (type === 'symlink') return Math.ceil(target.length / BLOCK_BYTES) * SECTORS_PER_BLOCK;
  return pages.size * SECTORS_PER_BLOCK;
}

const SQUASHFS_XATTR_BYTES = 8;

/** Data without holes, and for any object what its xattrs take: each name without its prefix. */
export function squashfsBlocks({ content, xattrs }: RealInode): number {
  let stored = 0;
  for (let at = 0; at < content.length; at += BLOCK_BYTES) {
    const block = content.bytes(at, at + BLOCK_BYTES);
    if (!isZeros(block)) stored += block.length;
  }
  const ofXattrs = sumOf(xattrs.entries(), ([name, value]) => {
    const bytes = typeof value === 'string' ? value.length : 0;
    return SQUASHFS_XATTR_BYTES + name.length - name.indexOf('.') - 1 + bytes;
  });
  return Math.ceil(stored / SECTOR_BYTES) + Math.ceil(ofXattrs / SECTOR_BYTES);
}

export function erofsBlocks(inode: RealInode): number {
  const { type, content, target } = inode;
  const bytes =
    type === 'dir' ? erofsDirBytes(inode) : type === 'symlink' ? target.length : content.length;
  return Math.ceil(bytes / BLOCK_BYTES) * SECTORS_PER_BLOCK;
}

const EROFS_DIRENT_BYTES = 12;

/** The names of a directory in the blocks that they are stored in. */
export function erofsListingBlocks({ entries }: RealInode): readonly (readonly string[])[] {
  const blocks: string[][] = [];
  let left = 0;
  for (const name of ['.', '..', ...entries.keys()].sort((a, b) => (a < b ? -1 : 1))) {
    const bytes = EROFS_DIRENT_BYTES + name.length;
    if (bytes > left) {
      blocks.push([]);
      left = BLOCK_BYTES;
    }
    blocks.at(-1)?.push(name);
    left -= bytes;
  }
  return blocks;
}

export function erofsDirBytes(dir: RealInode): number {
  const blocks = erofsListingBlocks(dir);
  const last = sumOf(blocks.at(-1) ?? [], (name) => EROFS_DIRENT_BYTES + name.length);
  return (blocks.length - 1) * BLOCK_BYTES + last;
}

export function sumOf<T>(all: Iterable<T>, bytesOf: (one: T) => number): number {
  let sum = 0;
  for (const one of all) sum += bytesOf(one);
  return sum;
}
