import type {
  KernelIno,
  ObservedNode,
  ObservedUnreadable,
  TreeChanges,
} from '../../model/observation.ts';
import type { Piece } from '../../model/scenario.ts';
import { Content } from '../../model/sparse.ts';
import type { DeviceNumber } from '../../model/state.ts';
import type { SetTime } from '../../model/time.ts';
import { HarnessError } from '../errors.ts';
import { bytesOf, INSTRUCTION, offsetsOf, padded, RECORD, STRUCTS } from './protocol.ts';

const RESULT = offsetsOf(STRUCTS.result);
const CHANGES = offsetsOf(STRUCTS.changes);
const AT = offsetsOf(STRUCTS.record);
const RECORD_BYTES = bytesOf(STRUCTS.record);
const XATTR_BYTES = bytesOf(STRUCTS.xattr);
const EXTENT_BYTES = bytesOf(STRUCTS.extent);
const HIGH = 0x1_0000_0000;
const E2BIG = 7;
const EFBIG = 27;

export interface CallResult {
  /** What the call returned, or minus its errno. */
  readonly value: number;
  readonly outputs: readonly Buffer[];
}

export interface DumpResult {
  /** Errno of a dump that failed as a whole, else 0. A tree beyond our limits is our trouble. */
  readonly error: number;
  readonly changes: TreeChanges;
}

type Change = ObservedNode | ObservedUnreadable | { readonly kind: 'gone' };

const GONE = { kind: 'gone' } as const;

const NONE: ReadonlySet<number> = new Set();

/** Reads the results of a program one after the other. */
export class ResultsReader {
  readonly #buffer: Buffer;
  readonly #aside: ReadonlySet<number>;
  #at = 0;
  #index = 0;

  /** Of the results that are said to be aside nothing is read but that there is no failure. */
  constructor(buffer: Buffer, aside: ReadonlySet<number> = NONE) {
    this.#buffer = buffer;
    this.#aside = aside;
  }

  get isAtEnd(): boolean {
    while (this.#aside.has(this.#index)) this.#skip();
    return this.#at === this.#buffer.length;
  }

  call(): CallResult {
    while (this.#aside.has(this.#index)) this.#skip();
    return this.#call();
  }

  #skip(): void {
    const isWait = this.#buffer.readUInt8(this.#at) === INSTRUCTION.until;
    const { value } = this.#call();
    if (value >= 0) return;
    if (isWait) throw new HarnessError('trouble', 'waited in vain for another answer of a call');
    throw new HarnessError('trouble', `a call of ours failed: errno ${-value}`);
  }

  #call(): CallResult {
    this.#index++;
    const buffer = this.#buffer;
    const at = this.#at;
    const op = buffer.readUInt8(at);
    if (!CALL_OPS.has(op)) throw lostTrack('a call', op);
    const count = buffer.readUInt8(at + RESULT.outputs);
    this.#at += bytesOfResult;
    const outputs: Buffer[] = [];
    for (let index = 0; index < count; index++) {
      const bytes = buffer.readUInt32LE(this.#at);
      this.#at += 8;
      outputs.push(buffer.subarray(this.#at, this.#at + bytes));
      this.#at += padded(bytes);
    }
    return { value: readI64(buffer, at + RESULT.value), outputs };
  }

  dump(): DumpResult {
    while (this.#aside.has(this.#index)) this.#skip();
    this.#index++;
    const buffer = this.#buffer;
    const at = this.#at;
    const op = buffer.readUInt8(at);
    if (op !== INSTRUCTION.dump) throw lostTrack('a dump', op);
    const records = buffer.readUInt32LE(at + CHANGES.records);
    const changes = new Map<string, Change>();
    this.#at += bytesOfChanges;
    for (let index = 0; index < records; index++) {
      const start = this.#at;
      this.#at += buffer.readUInt32LE(start + AT.bytes);
      const pathBytes = buffer.readUInt16LE(start + AT.path_bytes);
      const path = buffer.toString(
        'latin1',
        start + RECORD_BYTES,
        start + RECORD_BYTES + pathBytes,
      );
      changes.set(path, readRecord(buffer, start, pathBytes));
    }
    const error = Math.abs(readI64(buffer, at + CHANGES.error));
    if (error === E2BIG) throw new HarnessError('trouble', 'a tree is larger than can be dumped');
    return { error, changes };
  }
}

/** What the results look alike of. */
const CALL_OPS: ReadonlySet<number> = new Set([
  INSTRUCTION.call,
  INSTRUCTION.close,
  INSTRUCTION.tree,
  INSTRUCTION.apart,
  INSTRUCTION.until,
]);

const bytesOfResult = bytesOf(STRUCTS.result);
const bytesOfChanges = bytesOf(STRUCTS.changes);

function lostTrack(expected: string, op: number): HarnessError {
  return new HarnessError('wrong-protocol', `expected the result of ${expected}, got ${op}`);
}

function readRecord(buffer: Buffer, start: number, pathBytes: number): Change {
  const kind = buffer.readUInt8(start + AT.kind);
  if (kind === RECORD.gone) return GONE;
  const dIno = readIno(buffer, start + AT.d_ino);
  const dType = buffer.readUInt8(start + AT.d_type);
  const error = buffer.readInt32LE(start + AT.error);
  if (kind === RECORD.unreadable) return { kind: 'unreadable', dIno, dType, error };
  let at = start + RECORD_BYTES + padded(pathBytes);
  const targetBytes = buffer.readUInt32LE(start + AT.target_bytes);
  const target = buffer.toString('latin1', at, at + targetBytes);
  at += padded(targetBytes);
  const xattrs = new Map<string, string | number>();
  const xattrCount = buffer.readUInt32LE(start + AT.xattrs);
  for (let index = 0; index < xattrCount; index++) at = readXattr(buffer, at, xattrs);
  const size = readI64(buffer, start + AT.size);
  const extents = buffer.readUInt32LE(start + AT.extents);
  const device = readDevice(buffer, start + AT.dev_major);
  return {
    kind: 'node',
    dIno,
    dType,
    dotIno: readIno(buffer, start + AT.dot_ino),
    dotdotIno: readIno(buffer, start + AT.dotdot_ino),
    mode: buffer.readUInt32LE(start + AT.mode),
    uid: buffer.readUInt32LE(start + AT.uid),
    gid: buffer.readUInt32LE(start + AT.gid),
    nlink: buffer.readUInt32LE(start + AT.nlink),
    size,
    blocks: readI64(buffer, start + AT.blocks),
    ino: readIno(buffer, start + AT.ino),
    dev: `${device.major}:${device.minor}`,
    rdev: readDevice(buffer, start + AT.rdev_major),
    flags: buffer.readUInt32LE(start + AT.flags),
    atime: readTime(buffer, start + AT.atime_sec, start + AT.atime_nsec),
    mtime: readTime(buffer, start + AT.mtime_sec, start + AT.mtime_nsec),
    ctime: readTime(buffer, start + AT.ctime_sec, start + AT.ctime_nsec),
    xattrs,
    content: isRegular(buffer.readUInt32LE(start + AT.mode))
      ? readContent(buffer, at, extents, { size, isCut: error === EFBIG })
      : Content.EMPTY,
    target,
    dataError: error,
  };
}

/** The minor number stands behind the major one. */
function readDevice(buffer: Buffer, major: number): DeviceNumber {
  return { major: buffer.readUInt32LE(major), minor: buffer.readUInt32LE(major + 4) };
}

function isRegular(mode: number): boolean {
  return (mode & 0o170000) === 0o100000;
}

function readXattr(buffer: Buffer, start: number, xattrs: Map<string, string | number>): number {
  const nameBytes = buffer.readUInt32LE(start);
  const valueBytes = buffer.readInt32LE(start + 4);
  let at = start + XATTR_BYTES;
  const name = buffer.toString('latin1', at, at + nameBytes);
  at += padded(nameBytes);
  if (valueBytes < 0) {
    xattrs.set(name, -valueBytes);
    return at;
  }
  xattrs.set(name, buffer.toString('latin1', at, at + valueBytes));
  return at + padded(valueBytes);
}

/** Puts the zeros back between the extents. What was cut off is not made up: EFBIG tells of it. */
function readContent(
  buffer: Buffer,
  start: number,
  extents: number,
  { size, isCut }: { readonly size: number; readonly isCut: boolean },
): Content {
  const pieces: Piece[] = [];
  let end = 0;
  let at = start;
  for (let index = 0; index < extents; index++) {
    const offset = readI64(buffer, at);
    const bytes = buffer.readUInt32LE(at + 8);
    at += EXTENT_BYTES;
    pieces.push({ at: offset, text: buffer.toString('latin1', at, at + bytes) });
    end = offset + bytes;
    at += padded(bytes);
  }
  const content = Content.from(pieces, end);
  // A file whose data is in another layer than its size may have more; zeros there are not sent.
  const data = end > size ? content.trimZeros() : content;
  return isCut ? data : data.padEnd(size);
}

/** A signed number of 64 bits, which is small wherever we read one. */
export function readI64(buffer: Buffer, at: number): number {
  return buffer.readInt32LE(at + 4) * HIGH + buffer.readUInt32LE(at);
}

/** Overlay may use the high bits of an inode number: such a number is kept as text. */
export function readIno(buffer: Buffer, at: number): KernelIno {
  const ino = buffer.readUInt32LE(at + 4) * HIGH + buffer.readUInt32LE(at);
  return Number.isSafeInteger(ino) ? ino : buffer.readBigUInt64LE(at).toString();
}

export function readTime(buffer: Buffer, sec: number, nsec: number): SetTime {
  return { sec: readI64(buffer, sec), nsec: buffer.readUInt32LE(nsec) };
}
