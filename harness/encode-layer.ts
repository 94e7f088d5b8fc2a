import { ERRNO } from '../model/errno.ts';
import type { FileFlag } from '../model/flags.ts';
import type { PlannedEntry } from '../model/layer-plan.ts';
import { AT_FDCWD, AT_FLAGS, deviceNumber, MODE_TYPES, OPEN_FLAGS } from './constants.ts';
import { FILE_XFLAGS, flagBits, FS_IOC_FSSETXATTR, FSXATTR_BYTES } from './constants.ts';
import { TIMESPEC_BYTES } from './constants.ts';
import { makeDir } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT } from './recipes.ts';

/** FS_IOC_ENABLE_VERITY and its argument. */
const VERITY = { enable: 0x4080_6685, argumentBytes: 128, version: 1, sha256: 1, blockBytes: 4096 };

const NO_XATTRS = [ERRNO.EOPNOTSUPP];
const NO_FLAGS = [ERRNO.ENOTTY, ERRNO.EOPNOTSUPP];

/** Instructions that may fail, by index, and with which errnos. */
export type Refusable = Map<number, readonly number[]>;

export interface Making {
  readonly refusable: Refusable;
  readonly hasVerity: boolean;
  /** An overlay shows it, which keeps what is private to overlayfs by another name. */
  readonly escapesMarks: boolean;
}

export function escaped(name: string): string {
  return name.replace(/^trusted\.overlay\./, 'trusted.overlay.overlay.');
}

/**
 * Makes a layer in the guest. The instructions that set a user.* xattr or flags are noted by index,
 * since a file system without such refuses them.
 */
export function encodeLayer(
  program: ProgramBuilder,
  root: string,
  planned: readonly PlannedEntry[],
  { refusable, hasVerity, escapesMarks }: Making,
): void {
  for (const entry of planned) {
    makeEntry(program, root, entry);
    if (entry.hasVerity && hasVerity) enableVerity(program, `${root}/${entry.path}\0`);
    setAttributes(program, `${root}/${entry.path}\0`, entry);
    for (const [name, value] of entry.xattrs) {
      if (name.startsWith('user.')) refusable.set(program.instructions, NO_XATTRS);
      program.call('lsetxattr', [
        { input: `${root}/${entry.path}\0` },
        { input: `${escapesMarks ? escaped(name) : name}\0` },
        { input: value },
        value.length,
        0,
      ]);
    }
  }
  // Last, and from the innermost out: making and filling objects changes times.
  for (const { path, atimeSec, mtimeSec } of planned.toReversed()) {
    program.call('utimensat', [
      AT_FDCWD,
      { input: `${root}/${path}\0` },
      { inout: times(atimeSec, mtimeSec) },
      AT_FLAGS.AT_SYMLINK_NOFOLLOW,
    ]);
  }
  for (const { path, flags } of planned) {
    if (flags.length > 0) setFlags(program, `${root}/${path}\0`, flags, refusable);
  }
}

/** What has fs-verity can be written no more, but its attributes can be changed. */
function enableVerity(program: ProgramBuilder, path: string): void {
  const bytes = Buffer.alloc(VERITY.argumentBytes);
  bytes.writeUInt32LE(VERITY.version, 0);
  bytes.writeUInt32LE(VERITY.sha256, 4);
  bytes.writeUInt32LE(VERITY.blockBytes, 8);
  program.call('openat', [AT_FDCWD, { input: path }, 0, 0], BUILD_SLOT);
  program.call('ioctl', [{ slot: BUILD_SLOT }, VERITY.enable, { inout: bytes }]);
  program.close(BUILD_SLOT);
}

/** Some file systems have no flags, or not these. */
function setFlags(
  program: ProgramBuilder,
  path: string,
  flags: readonly FileFlag[],
  refusable: Refusable,
): void {
  const bytes = Buffer.alloc(FSXATTR_BYTES);
  bytes.writeUInt32LE(flagBits(FILE_XFLAGS, flags));
  program.call('openat', [AT_FDCWD, { input: path }, 0, 0], BUILD_SLOT);
  refusable.set(program.instructions, NO_FLAGS);
  program.call('ioctl', [{ slot: BUILD_SLOT }, FS_IOC_FSSETXATTR, { inout: bytes }]);
  program.close(BUILD_SLOT);
}

function makeEntry(program: ProgramBuilder, root: string, entry: PlannedEntry): void {
  const path = entry.path === '.' ? root : `${root}/${entry.path}`;
  const input = { input: `${path}\0` };
  switch (entry.type) {
    case 'dir':
      makeDir(program, path);
      return;
    case 'symlink':
      program.call('symlinkat', [{ input: `${entry.target}\0` }, AT_FDCWD, input]);
      return;
    case 'link':
      program.call('linkat', [AT_FDCWD, { input: `${root}/${entry.to}\0` }, AT_FDCWD, input, 0]);
      return;
    case 'file':
      makeFile(program, input, entry);
      return;
    default:
      program.call('mknodat', [AT_FDCWD, input, MODE_TYPES[entry.type], deviceNumber(entry.rdev)]);
  }
}

function makeFile(
  program: ProgramBuilder,
  input: { readonly input: string },
  { pieces, size }: PlannedEntry,
): void {
  const flags = OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_RDWR;
  program.call('openat', [AT_FDCWD, input, flags, 0], BUILD_SLOT);
  for (const { at, text } of pieces) {
    program.call('pwrite64', [{ slot: BUILD_SLOT }, { input: text }, text.length, at]);
  }
  if (size !== null) program.call('ftruncate', [{ slot: BUILD_SLOT }, size]);
  program.close(BUILD_SLOT);
}

/** Owner first: changing it may clear set-id bits. A link shares what its file has. */
function setAttributes(
  program: ProgramBuilder,
  path: string,
  { type, uid, gid, mode }: PlannedEntry,
): void {
  if (type === 'link') return;
  const input = { input: path };
  program.call('fchownat', [AT_FDCWD, input, uid, gid, AT_FLAGS.AT_SYMLINK_NOFOLLOW]);
  if (type !== 'symlink') program.call('fchmodat', [AT_FDCWD, input, mode]);
}

function times(atimeSec: number, mtimeSec: number): Uint8Array {
  const bytes = Buffer.alloc(2 * TIMESPEC_BYTES);
  bytes.writeBigInt64LE(BigInt(atimeSec), 0);
  bytes.writeBigInt64LE(BigInt(mtimeSec), TIMESPEC_BYTES);
  return bytes;
}
