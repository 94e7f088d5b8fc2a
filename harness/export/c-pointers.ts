import { FILE_FLAGS, FILE_XFLAGS, LOCK_TYPES, OPEN_FLAGS, RESOLVE_FLAGS } from '../constants.ts';
import { FIDEDUPERANGE, FS_IOC_FSSETXATTR, FS_IOC_SETFLAGS, FS_REQUESTS } from '../constants.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../constants.ts';
import { UTIME_NOW, UTIME_OMIT } from '../constants.ts';
import type { CallName } from '../protocol/protocol.ts';
import type { ReadArgument } from '../protocol/read-program.ts';
import { bitNames, cString, octal, placesIn } from './c-text.ts';

/** Flags of struct fsxattr by the names that C has for them. */
export const XFLAGS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(FILE_XFLAGS).map(([name, bit]) => [
    name.replace(/^FS_(\w+)_FL$/, 'FS_XFLAG_$1'),
    bit,
  ]),
);

/** Slots behind those of scenarios, by the names that the frame has for them. */
const FILES: Readonly<Record<number, string>> = {
  56: 'WATCH',
  57: 'OTHER',
  58: 'ROOT',
  59: 'SCRATCH',
  61: 'OWN',
};

export function slotText(slot: number): string {
  return FILES[slot] ?? String(slot);
}

/** Calls that bring bytes, not names. */
const TAKES_BYTES: ReadonlySet<CallName> = new Set(['write', 'pwrite64']);
const XATTR_VALUE_AT = 2;

/** What a call is given by pointer, or by a number that only the program knows. */
export function pointerText(
  call: CallName,
  arg: ReadArgument,
  args: readonly ReadArgument[],
): string {
  const { kind, value, data, bytes } = arg;
  switch (kind) {
    case 'slot':
      return `fd[${slotText(Number(value))}]`;
    case 'input':
      return inputText(call, arg, args.indexOf(arg));
    case 'output':
      return 'buffer';
    case 'struct':
      if (call === 'statx') return '&told_status';
      if (call === 'statfs') return '&told_fs';
      return call === 'name_to_handle_at' ? 'mount_id' : 'buffer';
    case 'keep':
      if (call === 'fcntl') return 'memset(buffer, 0, sizeof(struct fsxattr))';
      return call === 'ioctl' ? 'buffer' : `room_for(${u32(data, 0)})`;
    case 'kept':
      return keptText(call, Number(value), data);
    case 'inout':
      return structText(call, data, args);
    case 'immediate':
      throw new RangeError(`a number of ${bytes} bytes is no pointer`);
  }
}

function inputText(call: CallName, { data }: ReadArgument, at: number): string {
  if (call === 'fcntl') return lockText(data);
  if (call === 'open_by_handle_at') return `(void *)${cString(data)}`;
  const isValue = call.endsWith('setxattr') && at === XATTR_VALUE_AT;
  if (TAKES_BYTES.has(call) || isValue) return cString(data);
  const text = data.replace(/\0$/, '');
  return cString(call === 'symlinkat' && at === 0 ? text : placesIn(text));
}

function lockText(data: string): string {
  const type = bitNames(LOCK_TYPES, Buffer.from(data, 'latin1').readInt16LE(0));
  return `&(struct flock){ ${type}, SEEK_SET, ${i64(data, 8)}, ${i64(data, 16)}, 0 }`;
}

function keptText(call: CallName, number: number, flips: string): string {
  if (call === 'ioctl') return `flipped(${bitNames(XFLAGS, u32(flips, 0))})`;
  if (flips === '') return `&handles[${number}].head`;
  const byte = flips.length - 1;
  return `damaged(${number}, ${byte}, 0x${flips.charCodeAt(byte).toString(16)})`;
}

function structText(call: CallName, data: string, args: readonly ReadArgument[]): string {
  switch (call) {
    case 'utimensat':
      return `(struct timespec[]){ ${timeText(data, 0)}, ${timeText(data, 16)} }`;
    case 'openat2': {
      const flags = bitNames({ ...OPEN_FLAGS, O_NONBLOCK, O_CLOEXEC }, u32(data, 0));
      const resolve = bitNames(RESOLVE_FLAGS, u32(data, 16));
      return `(uint64_t[]){ ${flags}, ${octal(u32(data, 8))}, ${resolve} }`;
    }
    case 'pwritev2':
      return `&(struct iovec){ map(2), ${i64(data, 8)} }`;
    case 'ioctl': {
      const request = Number(args[1]?.value ?? 0n);
      if (request === FS_IOC_FSSETXATTR) {
        return `&(struct fsxattr){ .fsx_xflags = ${bitNames(XFLAGS, u32(data, 0))} }`;
      }
      if (request === FIDEDUPERANGE) {
        const [from, size, file, to] = [0, 8, 24, 32].map((at) => i64(data, at));
        return `share(${from}, ${size}, ${file}, ${to})`;
      }
      if (request === FS_REQUESTS.FS_IOC_FIEMAP) {
        return `&(struct fiemap){ .fm_length = ${i64(data, 8)} }`;
      }
      if (request !== FS_IOC_SETFLAGS) return `(char[${data.length}]){ 0 }`;
      return `&(long){ ${bitNames(FILE_FLAGS, u32(data, 0))} }`;
    }
    default:
      return `&(off_t){ ${i64(data, 0)} }`;
  }
}

function timeText(data: string, at: number): string {
  const nsec = u32(data, at + 8);
  if (nsec === UTIME_NOW) return '{ 0, UTIME_NOW }';
  if (nsec === UTIME_OMIT) return '{ 0, UTIME_OMIT }';
  return `{ ${i64(data, at)}, ${nsec} }`;
}

function u32(data: string, at: number): number {
  return Buffer.from(data.slice(at, at + 4), 'latin1').readUInt32LE();
}

function i64(data: string, at: number): bigint {
  return Buffer.from(data.slice(at, at + 8), 'latin1').readBigInt64LE();
}
