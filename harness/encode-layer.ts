import type { PlannedEntry } from '../model/layer-plan.ts';
import { AT_FDCWD, AT_FLAGS, deviceNumber, MODE_TYPES, OPEN_FLAGS } from './constants.ts';
import { TIMESPEC_BYTES } from './constants.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import { BUILD_SLOT } from './recipes.ts';

const DIR_MODE = 0o755;

/**
 * Makes a layer in the guest. Returns the index of the next instruction; the ones that set a
 * user.* xattr are noted, since a tmpfs without such xattrs refuses them.
 */
export function encodeLayer(
  program: ProgramBuilder,
  root: string,
  planned: readonly PlannedEntry[],
  first: number,
  mayFail: Set<number>,
): number {
  let next = first;
  for (const entry of planned) {
    next += makeEntry(program, root, entry);
    next += setAttributes(program, `${root}/${entry.path}\0`, entry);
    for (const [name, value] of entry.xattrs) {
      program.call('lsetxattr', [
        { input: `${root}/${entry.path}\0` },
        { input: `${name}\0` },
        { input: value },
        value.length,
        0,
      ]);
      if (name.startsWith('user.')) mayFail.add(next);
      next++;
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
    next++;
  }
  return next;
}

function makeEntry(program: ProgramBuilder, root: string, entry: PlannedEntry): number {
  const path = entry.path === '.' ? root : `${root}/${entry.path}`;
  const input = { input: `${path}\0` };
  switch (entry.type) {
    case 'dir':
      program.call('mkdirat', [AT_FDCWD, input, DIR_MODE]);
      return 1;
    case 'symlink':
      program.call('symlinkat', [{ input: `${entry.target}\0` }, AT_FDCWD, input]);
      return 1;
    case 'link':
      program.call('linkat', [AT_FDCWD, { input: `${root}/${entry.to}\0` }, AT_FDCWD, input, 0]);
      return 1;
    case 'file':
      return makeFile(program, input, entry);
    default:
      program.call('mknodat', [AT_FDCWD, input, MODE_TYPES[entry.type], deviceNumber(entry.rdev)]);
      return 1;
  }
}

function makeFile(
  program: ProgramBuilder,
  input: { readonly input: string },
  { pieces, size }: PlannedEntry,
): number {
  const flags = OPEN_FLAGS.O_CREAT | OPEN_FLAGS.O_RDWR;
  program.call('openat', [AT_FDCWD, input, flags, 0], BUILD_SLOT);
  for (const { at, text } of pieces) {
    program.call('pwrite64', [{ slot: BUILD_SLOT }, { input: text }, text.length, at]);
  }
  if (size !== null) program.call('ftruncate', [{ slot: BUILD_SLOT }, size]);
  program.close(BUILD_SLOT);
  return 2 + pieces.length + (size === null ? 0 : 1);
}

/** Owner first: changing it may clear set-id bits. A link shares what its file has. */
function setAttributes(
  program: ProgramBuilder,
  path: string,
  { type, uid, gid, mode }: PlannedEntry,
): number {
  if (type === 'link') return 0;
  const input = { input: path };
  program.call('fchownat', [AT_FDCWD, input, uid, gid, AT_FLAGS.AT_SYMLINK_NOFOLLOW]);
  if (type === 'symlink') return 1;
  program.call('fchmodat', [AT_FDCWD, input, mode]);
  return 2;
}

function times(atimeSec: number, mtimeSec: number): Uint8Array {
  const bytes = Buffer.alloc(2 * TIMESPEC_BYTES);
  bytes.writeBigInt64LE(BigInt(atimeSec), 0);
  bytes.writeBigInt64LE(BigInt(mtimeSec), TIMESPEC_BYTES);
  return bytes;
}
