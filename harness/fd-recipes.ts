import type { Step } from '../model/ops/index.ts';
import { F_OFD_SETLK, F_SETLEASE, LOCK_TYPES } from './constants.ts';
import type { ProgramBuilder } from './protocol/program.ts';

const FLOCK_BYTES = 32;
const PATH_MAX = 4096;

/** Operations on one open file that take several calls, or a struct. */
export function runFdRecipe(
  program: ProgramBuilder,
  step: Extract<Step, { op: 'ofdLock' | 'lease' | 'getcwd' }>,
): void {
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
