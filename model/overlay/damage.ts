import type { Handles } from '../base-profile.ts';
import type { Damage } from '../ops/op.ts';

/** Where the parts of an overlay handle are in `struct file_handle`. */
const TYPE_AT = 4;
const USER_FLAGS_AT = 7;
const PADDING_AT = 8;
const VERSION_AT = 11;
const LENGTH_AT = 13;
export const HANDLE_BYTES_MAX = 128;

/**
 * Bytes whose bits a step may flip: the size, the type but the user flags that mean something, the
 * padding, version, magic, length, and then uuid, generation and number of the inode. What the
 * flags and the type of the handle inside mean when they are wrong is not predicted.
 */
export const DAMAGEABLE_BYTES: readonly number[] = [
  ...[0, 1, 4, 5, USER_FLAGS_AT, PADDING_AT, PADDING_AT + 2],
  ...[VERSION_AT, 12, 13, 16, 24, 31, 32, 34, 35, 36, 43],
];

/**
 * What nobody draws, and only a scenario made by hand may have: bits 48 and up of a number of 64
 * bits. Older kernels give no answer where the handle is of xfs: the machine is lost.
 */
export const LOSING_BYTES: readonly number[] = [38];

/** Where the handle of the layer begins. */
const FID_AT = 32;
/** Where the numbers of objects that are made together differ. */
const NEAR_BYTES = 2;

/** What the flipped bits do: nothing, spoil the handle, or make it none at all. */
export function effectOf(
  damage: Damage,
  size: number,
  handles: Handles | null,
): 'none' | 'unknown' | 'invalid' {
  const isEmpty = size === 0;
  if (damage === 'none') return isEmpty ? 'invalid' : 'none';
  const { byte, flip } = damage;
  const bytes = byte < TYPE_AT ? size ^ (flip << (8 * byte)) : size;
  if (bytes <= 0 || bytes > HANDLE_BYTES_MAX) return 'invalid';
  if (isEmpty || bytes < size) return 'unknown';
  const isBehind = byte >= PADDING_AT + size || byte >= FID_AT + (handles?.numberBytes ?? Infinity);
  const isHarmless = isBehind || byte < TYPE_AT || (byte >= PADDING_AT && byte < VERSION_AT);
  return isHarmless ? 'none' : 'unknown';
}

/** Whether what was flipped is in the handle, and read by nobody but who compares all of it. */
export function isUnread(damage: Damage, size: number, handles: Handles | null): boolean {
  if (damage === 'none' || handles?.numberBytes === undefined) return false;
  return damage.byte >= FID_AT + handles.numberBytes && damage.byte < PADDING_AT + size;
}

/** Whether it may be the handle of another object now, as nothing but its number tells the two. */
export function isOfAnother(damage: Damage, handles: Handles | null): boolean {
  const bytes = handles?.numberBytes ?? (handles?.sharesGenerations === true ? NEAR_BYTES : 0);
  return damage !== 'none' && damage.byte >= FID_AT && damage.byte < FID_AT + bytes;
}

/** Whether it says that it is shorter than its own head. */
export function saysNoRoom(damage: Damage, handles: Handles | null): boolean {
  if (damage === 'none' || damage.byte !== LENGTH_AT || handles === null) return false;
  const headBytes = FID_AT - VERSION_AT;
  return ((headBytes + handles.bytes) ^ damage.flip) < headBytes;
}

/** Whether a machine may be lost to it. */
export function mayLoseMachine(damage: Damage): boolean {
  return damage !== 'none' && LOSING_BYTES.includes(damage.byte);
}

/** Whether the number is of no inode now, whatever its lower half says. */
export function spoilsUpperBits(damage: Damage, handles: Handles | null): boolean {
  return mayLoseMachine(damage) && handles?.hasIdleBits === true;
}

/** Bits of the type that no user flag has. */
export function spoilsUserFlags(damage: Damage): boolean {
  return damage !== 'none' && damage.byte === USER_FLAGS_AT;
}
