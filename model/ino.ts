/**
 * The model's inode numbers. File systems number their inodes without regard to each other, so a
 * number says which one it is of; and one that the overlay shows with a file system's id in its
 * high bits (xino) says that, too: 32 bits of number, 4 of file system, 4 of id, then how many high
 * bits ids take.
 */

const PLACE = 2 ** 32;
const FS_MAX = 16;
const FSID_PLACE = PLACE * FS_MAX;
const FSID_MAX = 16;
const BITS_PLACE = FSID_PLACE * FSID_MAX;
const INO_BITS = 64;

/** Not a real file system: numbers that the overlay itself gives to directories. */
export const OVERLAY_FS = FS_MAX - 1;

export function inoOn(fs: number, count: number): number {
  return fs * PLACE + count;
}

/** Which file system an inode of the model is on. */
export function fsOfIno(ino: number): number {
  return Math.floor(ino / PLACE) % FS_MAX;
}

/** The number that stands for an inode on a file system which xino gives an id. */
export function inoWithFsid(ino: number, fsid: number, bits: number): number {
  return fsid === 0 ? ino : ino + fsid * FSID_PLACE + bits * BITS_PLACE;
}

/** Whether the number is one that xino adds to. */
export function hasFsid(ino: number): boolean {
  return ino >= BITS_PLACE;
}

/** An inode's number on its own file system, and what xino adds to it. */
export function partsOfIno(ino: number): { readonly plain: number; readonly added: bigint } {
  if (!hasFsid(ino)) return { plain: ino, added: 0n };
  const bits = Math.floor(ino / BITS_PLACE);
  const fsid = Math.floor(ino / FSID_PLACE) % FSID_MAX;
  // One bit more than ids need stays free: numbers that overflow are told by it.
  return { plain: ino % FSID_PLACE, added: BigInt(fsid) << BigInt(INO_BITS - bits + 1) };
}

/** An inode of the model in words. */
export function sayIno(ino: number): string {
  const { plain, added } = partsOfIno(ino);
  const fs = fsOfIno(plain);
  const on = fs === 0 ? '' : fs === OVERLAY_FS ? ' of the overlay' : ` of file system ${fs}`;
  return `inode ${plain % PLACE}${on}${added === 0n ? '' : ` + 0x${added.toString(16)}`}`;
}
