import type { Step } from '../model/ops/index.ts';
import { errnoName } from '../model/errno.ts';
import {
  AT_FDCWD,
  F_SETLEASE,
  F_SETOWN,
  FIDEDUPERANGE,
  flagBits,
  LOCK_TYPES,
  MS_BIND,
  MS_NODEV,
  MS_REMOUNT,
  MS_STRICTATIME,
  O_CLOEXEC,
  OPEN_FLAGS,
  OPEN_FLAGS_ALWAYS,
  RESOLVE_FLAGS,
} from './constants.ts';
import { GUEST, guestPath } from './guest.ts';
import { makeDir, unmount } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { CallResult } from './protocol/results.ts';

/** Behind the slots of scenarios. */
const SLOT = 57;
/** A number far above all that is open, for where one stands in a structure. */
const KNOWN_FD = 200;
const READ_BYTES = 64;
const LISTING_BYTES = 4096;
const OPEN_HOW_BYTES = 24;

/** Where among their calls, seen from the start, those are that tell. */
export const LEASED_RECIPE = { lease: 0, open: 2 } as const;
export const STRICT_RECIPE = { open: 3 } as const;
export const DEDUPE_RECIPE = { ioctl: 1 } as const;

export type SharedFileStep = Extract<Step, { op: 'openLeased' | 'strictRead' | 'dedupe' }>;

/** What is done with a file while it is open, shown or shared elsewhere. */
export function runSharedFileRecipe(program: ProgramBuilder, step: SharedFileStep): void {
  switch (step.op) {
    case 'openLeased': {
      const { fd, type, path, flags } = step.args;
      const file = { slot: fd };
      const bits = flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS;
      program.call('fcntl', [file, F_SETLEASE, LOCK_TYPES[type]]);
      // Nobody is sent a signal.
      program.call('fcntl', [file, F_SETOWN, 0]);
      program.call('openat', [AT_FDCWD, { input: `${guestPath(path)}\0` }, bits, 0], SLOT);
      program.close(SLOT);
      program.call('fcntl', [file, F_SETLEASE, LOCK_TYPES.F_UNLCK]);
      return;
    }
    case 'strictRead':
      strictRead(program, step.args);
      return;
    case 'dedupe':
      dedupe(program, step.args);
  }
}

/** No symlink is followed, as that would stamp it. */
function strictRead(
  program: ProgramBuilder,
  { path, flags }: Extract<Step, { op: 'strictRead' }>['args'],
): void {
  const where = { input: `${GUEST.beside}\0` };
  makeDir(program, GUEST.beside);
  program.call('mount', [{ input: `${GUEST.merged}\0` }, where, 0, MS_BIND, 0]);
  program.call('mount', [0, where, 0, MS_REMOUNT | MS_BIND | MS_NODEV | MS_STRICTATIME, 0]);
  const how = Buffer.alloc(OPEN_HOW_BYTES);
  how.writeUInt32LE(flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS, 0);
  how.writeUInt32LE(RESOLVE_FLAGS.RESOLVE_NO_SYMLINKS, 16);
  const name = { input: `${guestPath(path, GUEST.beside)}\0` };
  program.call('openat2', [AT_FDCWD, name, { inout: how }, how.length], SLOT);
  const file = { slot: SLOT };
  program.call('read', [file, { output: READ_BYTES }, READ_BYTES]);
  program.call('getdents64', [file, { output: LISTING_BYTES }, LISTING_BYTES]);
  program.close(SLOT);
  unmount(program, GUEST.beside);
}

/** struct file_dedupe_range with one struct file_dedupe_range_info. */
const DEDUPE_BYTES = 56;
const DEDUPED_AT = 40;
const STATUS_AT = 48;
const DIFFERS = 1;

function dedupe(
  program: ProgramBuilder,
  { fd, offset, toFd, toOffset, size }: Extract<Step, { op: 'dedupe' }>['args'],
): void {
  const bytes = Buffer.alloc(DEDUPE_BYTES);
  bytes.writeBigInt64LE(BigInt(offset), 0);
  bytes.writeBigInt64LE(BigInt(size), 8);
  bytes.writeUInt16LE(1, 16);
  bytes.writeBigInt64LE(BigInt(KNOWN_FD), 24);
  bytes.writeBigInt64LE(BigInt(toOffset), 32);
  program.call('dup3', [{ slot: toFd }, KNOWN_FD, O_CLOEXEC]);
  program.call('ioctl', [{ slot: fd }, FIDEDUPERANGE, { inout: bytes }]);
  program.call('close', [KNOWN_FD]);
}

/** What the kernel says of the one target. */
export function decodeDedupe(calls: readonly CallResult[]): string {
  const bytes = calls[DEDUPE_RECIPE.ioctl]?.outputs[0] ?? Buffer.alloc(DEDUPE_BYTES);
  const status = bytes.readInt32LE(STATUS_AT);
  if (status < 0) return errnoName(-status) ?? String(status);
  return status === DIFFERS ? 'differs' : `${bytes.readBigInt64LE(DEDUPED_AT)} bytes`;
}
