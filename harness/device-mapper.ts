/** struct dm_ioctl and what follows it, as the device-mapper takes them by ioctl(2). */

const HEAD_BYTES = 312;
const AT = {
  version: 0,
  bytes: 12,
  dataAt: 16,
  targets: 20,
  flags: 28,
  dev: 40,
  name: 48,
} as const;
const SPEC_BYTES = 40;
const SPEC_AT = { start: 0, length: 8, next: 20, type: 24 } as const;
const VERSION = 4;
/** A file system above is not asked to write all that it has before the table changes. */
const SKIP_LOCKFS = 1 << 10;

const IOWR = 0xc000_0000;
const TYPE = 0xfd;
const commandOf = (number: number): number =>
  (IOWR | (HEAD_BYTES << 16) | (TYPE << 8) | number) >>> 0;

export const DM_IOCTL = {
  create: commandOf(3),
  /** Or resume, which is what puts the table that was loaded in its place. */
  suspend: commandOf(6),
  load: commandOf(9),
} as const;

/** /dev/mapper/control. */
export const DM_CONTROL = { major: 10, minor: 236 } as const;

const SECTOR_BYTES = 512;

/** A part of a device; writes to one that fails are EIO, and it reads as before. */
export interface Part {
  readonly bytes: number;
  readonly fails: boolean;
}

/** What names a device to the device-mapper. */
export function nameOfDevice(name: string): Buffer {
  return message(name, Buffer.alloc(0), 0);
}

/** The table of a device that shows another one, part by part. */
export function tableOf(name: string, below: string, parts: readonly Part[]): Buffer {
  let start = 0;
  const targets = parts.map(({ bytes, fails }) => {
    const length = bytes / SECTOR_BYTES;
    const target = fails ? failing(below, start) : `${below} ${start}`;
    const spec = targetOf(fails ? 'flakey' : 'linear', target, { start, length });
    start += length;
    return spec;
  });
  return message(name, Buffer.concat(targets), targets.length);
}

/** It is never up, and always down. */
function failing(below: string, start: number): string {
  return `${below} ${start} 0 1000000 1 error_writes`;
}

function targetOf(
  type: string,
  text: string,
  { start, length }: { readonly start: number; readonly length: number },
): Buffer {
  const bytes = SPEC_BYTES + ((text.length + 8) & ~7);
  const spec = Buffer.alloc(bytes);
  spec.writeBigUInt64LE(BigInt(start), SPEC_AT.start);
  spec.writeBigUInt64LE(BigInt(length), SPEC_AT.length);
  spec.writeUInt32LE(bytes, SPEC_AT.next);
  spec.write(type, SPEC_AT.type, 'latin1');
  spec.write(text, SPEC_BYTES, 'latin1');
  return spec;
}

function message(name: string, data: Buffer, targets: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(VERSION, AT.version);
  head.writeUInt32LE(HEAD_BYTES + data.length, AT.bytes);
  head.writeUInt32LE(HEAD_BYTES, AT.dataAt);
  head.writeUInt32LE(targets, AT.targets);
  head.writeUInt32LE(SKIP_LOCKFS, AT.flags);
  head.write(name, AT.name, 'latin1');
  return Buffer.concat([head, data]);
}

/** The number of a device that was just created, as the kernel tells it. */
export function createdDevice(answer: Buffer): { readonly major: number; readonly minor: number } {
  const dev = answer.readUInt32LE(AT.dev);
  return { major: (dev >>> 8) & 0xfff, minor: (dev & 0xff) | ((dev >>> 12) & 0xfff00) };
}
