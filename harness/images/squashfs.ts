import type { FileType, RealFs, RealInode } from '../../model/state.ts';
import { diskDevice, inventoryOf, secondsOf, sortedNames, xattrsOf } from './inventory.ts';
import type { Placed } from './inventory.ts';

/**
 * Writes a squashfs of version 4.0 that compresses nothing, so that making one costs no process.
 * The parts follow each other as the kernel checks that they do: superblock, data, inodes,
 * directories, inodes by number, owners, xattrs.
 */

const MAGIC = 0x7371_7368;
const SUPER_BYTES = 96;
const BLOCK_LOG = 12;
const BLOCK_BYTES = 1 << BLOCK_LOG;
const META_BYTES = 8192;
const ZLIB = 1;
/** Nothing is compressed, no fragments, inodes can be found by number. */
const FLAGS = 0x1 | 0x2 | 0x8 | 0x10 | 0x80 | 0x100;
const VERSION = 4;
const PLAIN_META = 0x8000;
const PLAIN_BLOCK = 0x100_0000;
const NONE = 0xffff_ffff;
const NO_TABLE = 0xffff_ffff_ffff_ffffn;

/** In a directory; an inode with xattrs and all has a type that is greater by so much. */
const TYPES: Readonly<Record<FileType, number>> = {
  dir: 1,
  file: 2,
  symlink: 3,
  blk: 4,
  chr: 5,
  fifo: 6,
  sock: 7,
};
const EXTENDED = 7;
const XATTR_PREFIXES = ['user.', 'trusted.', 'security.'] as const;

const HEAD_BYTES = 16;
const DIR_HEADER_BYTES = 12;
const DIR_ENTRY_BYTES = 8;
/** What a directory counts beyond its entries, for `.` and `..`. */
const DIR_EXTRA_BYTES = 3;

interface Node extends Placed {
  readonly number: number;
  /** Where it is in the inodes, and a directory's entries in theirs. */
  readonly at: number;
  readonly dirAt: number;
  readonly dataAt: number;
  readonly xattr: number;
}

/** Little-endian words, put after each other. */
class Bytes {
  readonly #parts: Buffer[] = [];
  length = 0;

  add(...parts: readonly Buffer[]): this {
    for (const part of parts) {
      this.#parts.push(part);
      this.length += part.length;
    }
    return this;
  }

  u16(...words: readonly number[]): this {
    const part = Buffer.alloc(2 * words.length);
    for (const [index, word] of words.entries()) part.writeUInt16LE(word, 2 * index);
    return this.add(part);
  }

  u32(...words: readonly number[]): this {
    const part = Buffer.alloc(4 * words.length);
    for (const [index, word] of words.entries()) part.writeUInt32LE(word, 4 * index);
    return this.add(part);
  }

  u64(...words: readonly (number | bigint)[]): this {
    const part = Buffer.alloc(8 * words.length);
    for (const [index, word] of words.entries()) part.writeBigUInt64LE(BigInt(word), 8 * index);
    return this.add(part);
  }

  whole(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

export function squashfsOf(fs: Pick<RealFs, 'root'>): Buffer {
  const placed = inventoryOf(fs);
  const blocks = placed.map(({ inode }) => blocksOf(inode));
  const lists = placed.map(({ inode }) => xattrsOf(inode));
  const withXattrs = lists.filter((list) => list.length > 0);
  // Without any, the kernel takes it for a file system that has none, and lists none.
  if (withXattrs.length === 0) withXattrs.push([['user.none', '']]);
  const nodes = new Map<RealInode, Node>();
  let at = 0;
  let dirAt = 0;
  let dataAt = SUPER_BYTES;
  let xattr = 0;
  for (const [index, { inode, parent }] of placed.entries()) {
    const list = lists[index] ?? [];
    const own = list.length > 0 ? xattr++ : NONE;
    nodes.set(inode, { inode, parent, number: index + 1, at, dirAt, dataAt, xattr: own });
    at += inodeBytes(inode);
    dirAt += listingBytes(inode);
    for (const block of blocks[index] ?? []) dataAt += block?.length ?? 0;
  }
  const ids = [...new Set(placed.flatMap(({ inode: { uid, gid } }) => [uid, gid]))];
  const image = new Bytes().add(Buffer.alloc(SUPER_BYTES));
  for (const block of blocks.flat()) if (block !== null) image.add(block);
  const all = [...nodes.values()];
  const inodesAt = image.length;
  const records = all.map((node, index) => recordOf(node, nodes, ids, blocks[index] ?? []));
  image.add(metadata(Buffer.concat(records)));
  const dirsAt = image.length;
  image.add(metadata(Buffer.concat(all.map(({ inode }) => listingOf(inode, nodes)))));
  const byNumberAt = addTable(
    image,
    new Bytes().u64(...all.map(({ at: where }) => reference(where))),
  );
  const idsAt = addTable(image, new Bytes().u32(...ids));
  const xattrsAt = addXattrs(image, withXattrs);
  const whole = image.whole();
  superblock({ inodes: all.length, ids: ids.length, bytes: whole.length })
    .u64(idsAt, xattrsAt, inodesAt, dirsAt, NO_TABLE, byNumberAt)
    .whole()
    .copy(whole);
  return whole;
}

function superblock({ inodes, ids, bytes }: Readonly<Record<string, number>>): Bytes {
  return new Bytes()
    .u32(MAGIC, inodes ?? 0, 0, BLOCK_BYTES, 0)
    .u16(ZLIB, BLOCK_LOG, FLAGS, ids ?? 0, VERSION, 0)
    .u64(0, bytes ?? 0);
}

/** A file in blocks; those of zeros are not stored. */
function blocksOf({ type, content }: RealInode): readonly (Buffer | null)[] {
  if (type !== 'file') return [];
  const bytes = Buffer.from(content.bytes(), 'latin1');
  return Array.from({ length: Math.ceil(bytes.length / BLOCK_BYTES) }, (_, index) => {
    const block = bytes.subarray(index * BLOCK_BYTES, (index + 1) * BLOCK_BYTES);
    return block.some((byte) => byte !== 0) ? block : null;
  });
}

function inodeBytes({ type, target, content }: RealInode): number {
  switch (type) {
    case 'dir':
      return HEAD_BYTES + 24;
    case 'file':
      return HEAD_BYTES + 40 + 4 * Math.ceil(content.length / BLOCK_BYTES);
    case 'symlink':
      return HEAD_BYTES + 12 + target.length;
    case 'chr':
    case 'blk':
      return HEAD_BYTES + 12;
    default:
      return HEAD_BYTES + 8;
  }
}

function recordOf(
  { inode, parent, number, dirAt, dataAt, xattr }: Node,
  nodes: ReadonlyMap<RealInode, Node>,
  ids: readonly number[],
  blocks: readonly (Buffer | null)[],
): Buffer {
  const { type, mode, uid, gid, nlink, target } = inode;
  const record = new Bytes()
    .u16(TYPES[type] + EXTENDED, mode, ids.indexOf(uid), ids.indexOf(gid))
    .u32(secondsOf(inode), number);
  switch (type) {
    case 'dir': {
      const bytes = listingBytes(inode) + DIR_EXTRA_BYTES;
      record.u32(nlink, bytes, metaStart(dirAt), nodes.get(parent)?.number ?? 0);
      return record
        .u16(0, dirAt % META_BYTES)
        .u32(xattr)
        .whole();
    }
    case 'file': {
      const stored = blocks.reduce((sum, block) => sum + (block?.length ?? 0), 0);
      const holes = inode.content.length - stored;
      record.u64(dataAt, inode.content.length, holes).u32(nlink, NONE, 0, xattr);
      return record.u32(...blocks.map((block) => blockSize(block))).whole();
    }
    case 'symlink':
      record.u32(nlink, target.length).add(Buffer.from(target, 'latin1'));
      return record.u32(xattr).whole();
    case 'chr':
    case 'blk':
      return record.u32(nlink, diskDevice(inode), xattr).whole();
    default:
      return record.u32(nlink, xattr).whole();
  }
}

function blockSize(block: Buffer | null): number {
  return block === null ? 0 : block.length | PLAIN_BLOCK;
}

/** Each entry has a header of its own, so that the size says nothing of where inodes are. */
function listingBytes({ entries }: RealInode): number {
  let bytes = 0;
  for (const name of entries.keys()) bytes += DIR_HEADER_BYTES + DIR_ENTRY_BYTES + name.length;
  return bytes;
}

function listingOf({ entries }: RealInode, nodes: ReadonlyMap<RealInode, Node>): Buffer {
  const listing = new Bytes();
  for (const name of sortedNames(entries.keys())) {
    const child = entries.get(name);
    const node = child === undefined ? undefined : nodes.get(child);
    if (node === undefined) continue;
    listing.u32(0, metaStart(node.at), node.number);
    listing.u16(node.at % META_BYTES, 0, TYPES[node.inode.type], name.length - 1);
    listing.add(Buffer.from(name, 'latin1'));
  }
  return listing.whole();
}

/** Stored in blocks with a header each. */
function metadata(bytes: Buffer): Buffer {
  const blocks = new Bytes();
  for (let at = 0; at < bytes.length; at += META_BYTES) {
    const block = bytes.subarray(at, at + META_BYTES);
    blocks.u16(block.length | PLAIN_META).add(block);
  }
  return blocks.whole();
}

function metaStart(at: number): number {
  return Math.floor(at / META_BYTES) * (META_BYTES + 2);
}

function reference(at: number): bigint {
  return (BigInt(metaStart(at)) << 16n) | BigInt(at % META_BYTES);
}

/** Metadata, then where each block of it is; where that begins. */
function addTable(image: Bytes, table: Bytes): number {
  const from = image.length;
  image.add(metadata(table.whole()));
  const at = image.length;
  for (let block = 0; block * META_BYTES < table.length; block++) {
    image.u64(from + block * (META_BYTES + 2));
  }
  return at;
}

function addXattrs(
  image: Bytes,
  lists: readonly (readonly (readonly [string, string])[])[],
): number {
  const values = new Bytes();
  const index = new Bytes();
  for (const list of lists) {
    const at = values.length;
    for (const [name, value] of list) {
      const type = XATTR_PREFIXES.findIndex((prefix) => name.startsWith(prefix));
      const rest = name.slice(XATTR_PREFIXES[type]?.length ?? 0);
      values.u16(type, rest.length).add(Buffer.from(rest, 'latin1'));
      values.u32(value.length).add(Buffer.from(value, 'latin1'));
    }
    index.u64(reference(at)).u32(list.length, values.length - at);
  }
  const from = image.length;
  image.add(metadata(values.whole()));
  const indexAt = image.length;
  image.add(metadata(index.whole()));
  const at = image.length;
  image.u64(from).u32(lists.length, 0);
  for (let block = 0; block * META_BYTES < index.length; block++) {
    image.u64(indexAt + block * (META_BYTES + 2));
  }
  return at;
}
