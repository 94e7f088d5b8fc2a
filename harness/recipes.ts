import type { OpName, Step } from '../model/ops/index.ts';
import { BOUND } from '../model/flags.ts';
import {
  AT_FDCWD,
  deviceNumber,
  F_OFD_SETLK,
  F_SETLEASE,
  flagBits,
  LOCK_TYPES,
  MAP_FIXED,
  MAP_SHARINGS,
  MODE_TYPES,
  MS_NOATIME,
  MS_NODEV,
  MS_REMOUNT,
  PROTECTIONS,
} from './constants.ts';
import { runHandleRecipe } from './handle-recipes.ts';
import { GUEST, guestPath, MAP_BYTES, mapAddress } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const MOUNT_FLAGS = MS_NOATIME | MS_NODEV;
const MOUNTINFO_BYTES = 16_384;
/** Slots behind those of scenarios. */
export const MOUNTINFO_SLOT = 60;
export const BUILD_SLOT = 61;
/** A file of ours, which mapped memory is copied from and to. */
const SCRATCH_SLOT = 59;
const FLOCK_BYTES = 32;

/** Where in a mount, seen from its end, the calls are that tell. A remount has them all. */
export const MOUNT_RECIPE = { instructions: 4, umount: -5, mount: -4, mountinfo: -2 } as const;
/** The same of a mount between two: the first unmount, the other mount, and the last mount. */
export const OTHER_MOUNT_RECIPE = { umount: -7, other: -6, mount: -4 } as const;

/** The data of a mount of the scenario's layers, with a change or without. */
export type MountOf = (change: {
  readonly options?: string;
  readonly isReversed?: boolean;
}) => string;

/** Mounts the overlay and reads what the kernel shows of it. */
export function mountRecipe(program: ProgramBuilder, data: string): void {
  mountCall(program, data);
  program.call('openat', [AT_FDCWD, { input: '/proc/self/mountinfo\0' }, 0, 0], MOUNTINFO_SLOT);
  program.call('read', [{ slot: MOUNTINFO_SLOT }, { output: MOUNTINFO_BYTES }, MOUNTINFO_BYTES]);
  program.close(MOUNTINFO_SLOT);
}

function mountCall(program: ProgramBuilder, data: string): void {
  const type = { input: 'overlay\0' };
  const where = { input: `${GUEST.merged}\0` };
  program.call('mount', [type, where, type, MOUNT_FLAGS, { input: `${data}\0` }]);
}

function unmount(program: ProgramBuilder): void {
  program.call('umount2', [{ input: `${GUEST.merged}\0` }, 0]);
}

/** Nothing of a scenario keeps the mount busy any more. */
function letGo(program: ProgramBuilder): void {
  for (let slot = 0; slot < BOUND.slots; slot++) program.close(slot);
  program.call('munmap', [mapAddress(0), BOUND.maps * MAP_BYTES]);
}

/** Which of its calls tells how a step went, seen from the end; the last unless said otherwise. */
export const TELLING_CALLS: Readonly<Partial<Record<OpName, number>>> = { lease: -2 };

/** struct flock of 64-bit machines, from the start of the file. */
function lockStruct(type: number, start: number, length: number): string {
  const bytes = Buffer.alloc(FLOCK_BYTES);
  bytes.writeInt16LE(type, 0);
  bytes.writeBigInt64LE(BigInt(start), 8);
  bytes.writeBigInt64LE(BigInt(length), 16);
  return bytes.toString('latin1');
}

/**
 * Operations that no single template describes. The result is that of the last call, but for a
 * mount, which the decoder knows how to read.
 */
export function runRecipe(program: ProgramBuilder, step: Step, mountOf: MountOf): void {
  switch (step.op) {
    case 'mknod': {
      const { path, mode, device } = step.args;
      program.call('mknodat', [
        AT_FDCWD,
        { input: `${guestPath(path)}\0` },
        MODE_TYPES[device.type] | mode,
        deviceNumber(device),
      ]);
      return;
    }
    case 'mmap': {
      const { map, fd, offset, size, protection, sharing } = step.args;
      program.call('munmap', [mapAddress(map), MAP_BYTES]);
      const flags = MAP_SHARINGS[sharing] | MAP_FIXED;
      const access = flagBits(PROTECTIONS, protection);
      program.call('mmap', [mapAddress(map), size, access, flags, { slot: fd }, offset]);
      return;
    }
    case 'readMap':
      readMap(program, step.args.map, step.args.offset, step.args.size);
      return;
    case 'writeMap':
      writeMap(program, step.args.map, step.args.offset, step.args.bytes);
      return;
    case 'ofdLock': {
      const { fd, type, start, length } = step.args;
      const lock = { input: lockStruct(LOCK_TYPES[type], start, length) };
      program.call('fcntl', [{ slot: fd }, F_OFD_SETLK, lock]);
      return;
    }
    case 'lease': {
      const { fd, type } = step.args;
      program.call('fcntl', [{ slot: fd }, F_SETLEASE, LOCK_TYPES[type]]);
      program.call('fcntl', [{ slot: fd }, F_SETLEASE, LOCK_TYPES.F_UNLCK]);
      return;
    }
    case 'dropCaches':
      dropCaches(program);
      return;
    case 'remount':
      letGo(program);
      unmount(program);
      mountRecipe(program, mountOf({}));
      return;
    case 'mountOther': {
      letGo(program);
      unmount(program);
      const { options, lowers } = step.args;
      mountCall(program, mountOf({ options, isReversed: lowers === 'reversed' }));
      unmount(program);
      mountRecipe(program, mountOf({}));
      return;
    }
    case 'encodeHandle':
    case 'encodeFdHandle':
    case 'openHandle':
    case 'openHandleCold':
      runHandleRecipe(program, step);
      return;
    default:
      throw new RangeError(`no recipe for ${step.op}`);
  }
}

/** Remounting shrinks the dentry cache of this one mount, whatever else the machine does. */
export function dropCaches(program: ProgramBuilder): void {
  program.call('mount', [0, { input: `${GUEST.merged}\0` }, 0, MOUNT_FLAGS | MS_REMOUNT, 0]);
}

/** The kernel reads and writes mapped memory: it returns where a load would get a signal. */
function readMap(program: ProgramBuilder, map: number, offset: number, size: number): void {
  program.call('memfd_create', [{ input: 'scratch\0' }, 0], SCRATCH_SLOT);
  program.call('pwrite64', [{ slot: SCRATCH_SLOT }, mapAddress(map) + offset, size, 0]);
  program.call('pread64', [{ slot: SCRATCH_SLOT }, { output: size }, size, 0]);
}

function writeMap(program: ProgramBuilder, map: number, offset: number, bytes: string): void {
  const size = bytes.length;
  program.call('memfd_create', [{ input: 'scratch\0' }, 0], SCRATCH_SLOT);
  program.call('pwrite64', [{ slot: SCRATCH_SLOT }, { input: bytes }, size, 0]);
  program.call('pread64', [{ slot: SCRATCH_SLOT }, mapAddress(map) + offset, size, 0]);
}
