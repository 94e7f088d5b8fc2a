import type { Step } from '../model/ops/index.ts';
import {
  FILE_FLAGS,
  FILE_FLAGS_BYTES,
  FILE_XFLAGS,
  flagBits,
  FS_IOC_FSGETXATTR,
} from './constants.ts';
import { FS_IOC_FSSETXATTR, FS_IOC_SETFLAGS, FSXATTR_BYTES } from './constants.ts';
import { F_GETFD, FS_REQUESTS, F_OFD_SETLK, F_SETLEASE, LOCK_TYPES } from './constants.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const FLOCK_BYTES = 32;
const PATH_MAX = 4096;
/** Behind the handles of scenarios. */
const KEPT_FLAGS = 7;

type FdStep = Extract<
  Step,
  { op: 'ofdLock' | 'lease' | 'getcwd' | 'setFlags' | 'toggleXflags' | 'fsIoctl' }
>;

/** struct fiemap with room for nothing, or any other that is asked for here. */
const REQUEST_BYTES = 64;
const FIEMAP_LENGTH_AT = 8;
const ALL_BYTES = 0x4000_0000_0000_0000n;

/** Operations on one open file that take several calls, or a struct. */
export function runFdRecipe(program: ProgramBuilder, step: FdStep): void {
  switch (step.op) {
    case 'ofdLock': {
      const { fd, type, start, length } = step.args;
      const lock = { input: lockStruct(LOCK_TYPES[type], start, length) };
      program.call('fcntl', [{ slot: fd }, F_OFD_SETLK, lock]);
      return;
    }
    case 'getcwd':
      // Looking at the trees, which follows, goes back to the root.
      program.call('fchdir', [{ slot: step.args.fd }]);
      program.call('getcwd', [{ output: PATH_MAX }, PATH_MAX]);
      return;
    case 'fsIoctl': {
      const { fd, request } = step.args;
      const bytes = Buffer.alloc(REQUEST_BYTES);
      if (request === 'FS_IOC_FIEMAP') bytes.writeBigInt64LE(ALL_BYTES, FIEMAP_LENGTH_AT);
      program.call('ioctl', [{ slot: fd }, FS_REQUESTS[request], { inout: bytes }]);
      return;
    }
    case 'setFlags': {
      const { fd, flags } = step.args;
      const bytes = Buffer.alloc(FILE_FLAGS_BYTES);
      bytes.writeUInt32LE(flagBits(FILE_FLAGS, flags));
      program.call('ioctl', [{ slot: fd }, FS_IOC_SETFLAGS, { inout: bytes }]);
      return;
    }
    case 'toggleXflags': {
      const { fd, flags } = step.args;
      const file = { slot: fd };
      const none = Buffer.alloc(FSXATTR_BYTES);
      const flips = Buffer.alloc(FSXATTR_BYTES);
      flips.writeUInt32LE(flagBits(FILE_XFLAGS, flags));
      // What was kept last is of another file, and stays where nothing can be told of this one.
      program.call('fcntl', [file, F_GETFD, { keep: KEPT_FLAGS, bytes: none }]);
      program.call('ioctl', [file, FS_IOC_FSGETXATTR, { keep: KEPT_FLAGS, bytes: none }]);
      program.call('ioctl', [file, FS_IOC_FSSETXATTR, { kept: KEPT_FLAGS, flips }]);
      return;
    }
    case 'lease': {
      const { fd, type } = step.args;
      program.call('fcntl', [{ slot: fd }, F_SETLEASE, LOCK_TYPES[type]]);
      program.call('fcntl', [{ slot: fd }, F_SETLEASE, LOCK_TYPES.F_UNLCK]);
    }
  }
}

/** struct flock of 64-bit machines, from the start of the file. */
function lockStruct(type: number, start: number, length: number): string {
  const bytes = Buffer.alloc(FLOCK_BYTES);
  bytes.writeInt16LE(type, 0);
  bytes.writeBigInt64LE(BigInt(start), 8);
  bytes.writeBigInt64LE(BigInt(length), 16);
  return bytes.toString('latin1');
}
