import { erofsListingBlocks } from '../../model/base-blocks.ts';
import { TYPE_BITS } from '../../model/compare-fields.ts';
import type { FileType, RealFs, RealInode } from '../../model/state.ts';
import { HarnessError } from '../errors.ts';
import { diskDevice, inventoryOf, secondsOf, xattrsOf } from './inventory.ts';
import type { Placed } from './inventory.ts';

/** Writes an EROFS that compresses nothing: superblock, inodes with their xattrs, then data. */

const BLOCK_LOG = 12;
const BLOCK_BYTES = 1 << BLOCK_LOG;
const SUPER_AT = 1024;
const MAGIC = 0xe0f5_e1e2;
/** Inodes are numbered by where they are, in slots. */
const SLOT_BYTES = 32;
const INODES_AT = BLOCK_BYTES;
const INODE_BYTES = 64;
/** Of the long form, with data in blocks of its own. */
const EXTENDED = 1;
const DIRENT_BYTES = 12;
const XATTR_HEAD_BYTES = 12;
const XATTR_ENTRY_BYTES = 4;

const TYPES: Readonly<Record<FileType, number>> = {
  file: 1,
  dir: 2,
  chr: 3,
  blk: 4,
  fifo: 5,
  sock: 6,
  symlink: 7,
};
/** A name that is wholly a prefix has no further bytes. */
const XATTR_PREFIXES: readonly (readonly [index: number, prefix: string])[] = [
  [2, 'system.posix_acl_access'],
  [3, 'system.posix_acl_default'],
  [1, 'user.'],
  [4, 'trusted.'],
  [6, 'security.'],
];

interface Node extends Placed {
  readonly at: number;
  readonly xattrs: Buffer;
}

export function erofsOf(fs: Pick<RealFs, 'root'>, uuid: Buffer): Buffer {
  const nodes = new Map<RealInode, Node>();
  let at = INODES_AT;
  for (const { inode, parent } of inventoryOf(fs)) {
    const xattrs = xattrBytes(inode);
    nodes.set(inode, { inode, parent, at, xattrs });
    // An inode that crosses from a block to the next is one case more, and none of ours.
    at = roundUp(at + INODE_BYTES + xattrs.length, INODE_BYTES);
  }
  const data = [...nodes.values()].map((node) => dataOf(node, nodes));
  let block = Math.ceil(at / BLOCK_BYTES);
  const image = Buffer.alloc((block + countBlocks(data)) * BLOCK_BYTES);
  for (const [index, node] of [...nodes.values()].entries()) {
    const bytes = data[index] ?? Buffer.alloc(0);
    writeInode(image, node, bytes.length, block);
    bytes.copy(image, block * BLOCK_BYTES);
    block += Math.ceil(bytes.length / BLOCK_BYTES);
  }
  writeSuper(image, nodes.size, uuid);
  return image;
}

function writeSuper(image: Buffer, inodes: number, uuid: Buffer): void {
  image.writeUInt32LE(MAGIC, SUPER_AT);
  image.writeUInt8(BLOCK_LOG, SUPER_AT + 12);
  image.writeUInt16LE(numberOf(INODES_AT), SUPER_AT + 14);
  image.writeBigUInt64LE(BigInt(inodes), SUPER_AT + 16);
  image.writeUInt32LE(image.length / BLOCK_BYTES, SUPER_AT + 36);
  uuid.copy(image, SUPER_AT + 48);
}

function writeInode(
  image: Buffer,
  { inode, at, xattrs }: Node,
  bytes: number,
  block: number,
): void {
  const { type, mode, uid, gid, nlink } = inode;
  const isDevice = type === 'chr' || type === 'blk';
  image.writeUInt16LE(EXTENDED, at);
  image.writeUInt16LE(xattrs.length === 0 ? 0 : countXattrs(xattrs), at + 2);
  image.writeUInt16LE(TYPE_BITS[type] | mode, at + 4);
  image.writeBigUInt64LE(BigInt(bytes), at + 8);
  image.writeUInt32LE(isDevice ? diskDevice(inode) : bytes > 0 ? block : 0, at + 16);
  image.writeUInt32LE(numberOf(at), at + 20);
  image.writeUInt32LE(uid, at + 24);
  image.writeUInt32LE(gid, at + 28);
  image.writeBigUInt64LE(BigInt(secondsOf(inode)), at + 32);
  image.writeUInt32LE(nlink, at + 44);
  xattrs.copy(image, at + INODE_BYTES);
}

function numberOf(at: number): number {
  return at / SLOT_BYTES;
}

/** As the inode counts them: the head is one, and each further four bytes. */
function countXattrs({ length }: Buffer): number {
  return (length - XATTR_HEAD_BYTES) / 4 + 1;
}

function countBlocks(data: readonly Buffer[]): number {
  return data.reduce((sum, { length }) => sum + Math.ceil(length / BLOCK_BYTES), 0);
}

function dataOf({ inode, parent }: Node, nodes: ReadonlyMap<RealInode, Node>): Buffer {
  switch (inode.type) {
    case 'dir':
      return listingOf(inode, parent, nodes);
    case 'file':
      return Buffer.from(inode.content.bytes(), 'latin1');
    case 'symlink':
      return Buffer.from(inode.target, 'latin1');
    default:
      return Buffer.alloc(0);
  }
}

/** Names in order, in blocks that each begin with what says where its names are. */
function listingOf(dir: RealInode, parent: RealInode, nodes: ReadonlyMap<RealInode, Node>): Buffer {
  const blocks = erofsListingBlocks(dir).map((names, index, all) => {
    const isLast = index === all.length - 1;
    const bytes = names.reduce((sum, name) => sum + DIRENT_BYTES + name.length, 0);
    const block = Buffer.alloc(isLast ? bytes : BLOCK_BYTES);
    let nameAt = names.length * DIRENT_BYTES;
    for (const [place, name] of names.entries()) {
      const inode = name === '.' ? dir : name === '..' ? parent : dir.entries.get(name);
      const node = inode === undefined ? undefined : nodes.get(inode);
      if (node === undefined) throw new HarnessError('trouble', `nothing is called ${name}`);
      const at = place * DIRENT_BYTES;
      block.writeBigUInt64LE(BigInt(numberOf(node.at)), at);
      block.writeUInt16LE(nameAt, at + 8);
      block.writeUInt8(TYPES[node.inode.type], at + 10);
      nameAt += block.write(name, nameAt, 'latin1');
    }
    return block;
  });
  return Buffer.concat(blocks);
}

function xattrBytes(inode: RealInode): Buffer {
  const list = xattrsOf(inode);
  if (list.length === 0) return Buffer.alloc(0);
  const entries = list.map(([name, value]) => {
    const [type = 0, prefix = ''] = XATTR_PREFIXES.find(([, own]) => name.startsWith(own)) ?? [];
    const rest = name.slice(prefix.length);
    const bytes = XATTR_ENTRY_BYTES + rest.length + value.length;
    const entry = Buffer.alloc(roundUp(bytes, 4));
    entry.writeUInt8(rest.length, 0);
    entry.writeUInt8(type, 1);
    entry.writeUInt16LE(value.length, 2);
    entry.write(rest + value, XATTR_ENTRY_BYTES, 'latin1');
    return entry;
  });
  return Buffer.concat([Buffer.alloc(XATTR_HEAD_BYTES), ...entries]);
}

function roundUp(bytes: number, to: number): number {
  return Math.ceil(bytes / to) * to;
}
