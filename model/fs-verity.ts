import { sha256 } from './sha256.ts';

/** fs-verity: files that never change any more, known by a digest of all that is in them. */

const BLOCK_BYTES = 4096;
const HASH_BYTES = 32;
const DESCRIPTOR_BYTES = 256;
/** Version 1, SHA-256, blocks of 2^12 bytes, no salt, and four bytes of nothing. */
const DESCRIPTOR_START = '\x01\x01\x0c\0\0\0\0\0';
const SIZE_BYTES = 8;

/** What the kernel calls the digest of a file with blocks of 4 KiB and no salt. */
export function verityDigest(content: string): string {
  let size = '';
  for (let byte = 0; byte < SIZE_BYTES; byte++) {
    size += String.fromCharCode(Math.floor(content.length / 256 ** byte) % 256);
  }
  const root = content === '' ? '\0'.repeat(HASH_BYTES) : rootHash(content);
  return sha256((DESCRIPTOR_START + size + root).padEnd(DESCRIPTOR_BYTES, '\0'));
}

/** How many blocks a file system keeps of a file beside its content: hashes, and a descriptor. */
export function verityBlocks(size: number): number {
  let blocks = 1;
  for (let level = Math.ceil(size / BLOCK_BYTES); level > 1;) {
    level = Math.ceil((level * HASH_BYTES) / BLOCK_BYTES);
    blocks += level;
  }
  return blocks;
}

/** Hashes of blocks, then of blocks of hashes, until there is one. */
function rootHash(content: string): string {
  let level = content;
  for (;;) {
    let hashes = '';
    for (let at = 0; at < level.length; at += BLOCK_BYTES) {
      hashes += sha256(level.slice(at, at + BLOCK_BYTES).padEnd(BLOCK_BYTES, '\0'));
    }
    if (hashes.length === HASH_BYTES) return hashes;
    level = hashes;
  }
}
