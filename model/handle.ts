import { profileOf } from './bases.ts';
import { plus } from './identities.ts';
import { fsOfIno } from './ino.ts';
import type { KernelIno } from './observation.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

/** The layout of an overlay file handle, as origin xattrs hold it (spec OVL-LAY-20). */
const MAGIC = 0xfb;
const FLAGS_AT = 3;
/** Flag of a handle whose object is in the upper layer. */
const PATH_UPPER = 4;
const TYPE_AT = 4;
const UUID_AT = 5;
const FID_AT = 21;
const TMPFS_TYPE = 1;
const TMPFS_FID_BYTES = 12;
const HIGH = 0x1_0000_0000;

/** Where each kind of handle has the halves of an inode number, by its type and its bytes. */
const LAYOUTS: Readonly<Record<string, { readonly low: number; readonly high: number | null }>> = {
  // The number, then its generation: what most file systems do.
  '1 8': { low: 0, high: null },
  // tmpfs: generation first.
  '1 12': { low: 4, high: 8 },
  // xfs, and EROFS with the halves the other way round: on file systems so small one is zero.
  '129 12': { low: 0, high: 4 },
  // btrfs: number, subvolume, generation.
  '77 20': { low: 0, high: 4 },
};

/** The inode number in a handle that we can read; null for anything else. */
export function handleIno(value: string): KernelIno | null {
  if (value.charCodeAt(0) !== 0 || value.charCodeAt(1) !== MAGIC) return null;
  if (value.charCodeAt(2) !== value.length) return null;
  const layout = LAYOUTS[`${value.charCodeAt(TYPE_AT)} ${value.length - FID_AT}`];
  if (layout === undefined) return null;
  const { low, high } = layout;
  const first = u32(value, FID_AT + low);
  const second = high === null ? 0 : u32(value, FID_AT + high);
  return first === 0 ? second : first + second * HIGH;
}

function u32(value: string, at: number): number {
  let number = 0;
  for (let index = 3; index >= 0; index--) number = number * 256 + value.charCodeAt(at + index);
  return number;
}

/** Which file system a handle is of. */
export function handleUuid(value: string): string {
  return value.slice(UUID_AT, FID_AT);
}

/** Whether a handle says that its object is in the upper layer. */
export function isHandleOfUpper(value: string): boolean {
  return value.charCodeAt(FLAGS_AT) === PATH_UPPER;
}

/** The type of a handle that is a number of 64 bits and a generation, and its bytes. */
export const PLAIN_HANDLE_TYPE = 0x81;
export const PLAIN_HANDLE_BYTES = 12;

/** The inode number in such a handle. */
export function plainHandleIno(bytes: string): KernelIno {
  return plus(u32(bytes, 0), BigInt(u32(bytes, 4)) * BigInt(HIGH));
}

export function makePlainHandle(ino: KernelIno): string {
  const [low, high] = [BigInt(ino) % BigInt(HIGH), BigInt(ino) / BigInt(HIGH)];
  return [Number(low), Number(high), 1].map(bytesOfU32).join('');
}

/** What the overlay puts before its own handle when it hands one out. */
export const WIRE_PADDING = '\0\0\0';
/** The type of an overlay's file handles, and what user flags may be added to it. */
export const OVERLAY_HANDLE_TYPE = 0xf8;
export const CONNECTABLE_DIR = 0x3_0000;

/** How large a handle is that the overlay hands out of an object. */
export function handleBytesOf(inode: Pick<RealInode, 'base'>, semantics: Semantics): number {
  const fidBytes = profileOf(inode).handles(semantics)?.bytes ?? 0;
  return Math.ceil((WIRE_PADDING.length + FID_AT + fidBytes) / 4) * 4;
}

/** A handle as tmpfs would encode it; only inode number and file system in it say anything. */
export function makeHandle(
  ino: number,
  {
    isUpper = false,
    hasNoUuid = false,
  }: { readonly isUpper?: boolean; readonly hasNoUuid?: boolean } = {},
): string {
  const length = FID_AT + TMPFS_FID_BYTES;
  const head = String.fromCharCode(0, MAGIC, length, isUpper ? PATH_UPPER : 0, TMPFS_TYPE);
  const words = [1, ino % HIGH, Math.floor(ino / HIGH)];
  const uuid = String.fromCharCode(hasNoUuid ? 0 : 1 + fsOfIno(ino)).repeat(FID_AT - UUID_AT);
  return head + uuid + words.map(bytesOfU32).join('');
}

function bytesOfU32(word: number): string {
  return String.fromCharCode(...[0, 8, 16, 24].map((shift) => (word >>> shift) & 0xff));
}

/** A type that says that there is no handle. */
const INVALID_TYPE = 0xff;

/** What is told of a handle that had no room: how much it would take, as far as that is known. */
export function sayRoom(bytes: number, type: number = INVALID_TYPE): string {
  return `handle_bytes=${bytes}, handle_type=0x${type.toString(16)}`;
}

/** A handle in words. */
export function sayHandle(inode: string, isUpper: boolean): string {
  return `handle of ${isUpper ? 'upper ' : ''}${inode}`;
}
