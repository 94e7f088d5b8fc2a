import type { Step } from '../model/ops/index.ts';
import { BOUND, PAGE_BYTES } from '../model/flags.ts';
import { flagBits, MAP_ANONYMOUS, MAP_FIXED, RW_FLAGS } from './constants.ts';
import { MAP_SHARINGS, PROTECTIONS } from './constants.ts';
import { MAP_BYTES, mapAddress } from './guest.ts';
import { offsetBytes } from './protocol/program.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** A file of ours, which bytes are copied from and to. It is behind the slots of scenarios. */
const SCRATCH_SLOT = 59;
/** Bytes for calls that take lists of places in memory: behind the slots of scenarios. */
const BYTES_AT = mapAddress(BOUND.maps);
const IOVEC_BYTES = 16;
const SCRATCH = { slot: SCRATCH_SLOT };

type MemoryOp = 'pwritev2' | 'mmap' | 'readMap' | 'writeMap' | 'sendfile' | 'sendfileTo';

/** Operations that need memory of the executor, or a file of ours beside the scenario's. */
export function runMemoryRecipe(
  program: ProgramBuilder,
  step: Extract<Step, { op: MemoryOp }>,
): void {
  switch (step.op) {
    case 'mmap': {
      const { map, fd, offset, size, protection, sharing } = step.args;
      program.call('munmap', [mapAddress(map), MAP_BYTES]);
      const flags = MAP_SHARINGS[sharing] | MAP_FIXED;
      const access = flagBits(PROTECTIONS, protection);
      program.call('mmap', [mapAddress(map), size, access, flags, { slot: fd }, offset]);
      return;
    }
    case 'pwritev2': {
      const { fd, bytes, offset, flags } = step.args;
      const size = bytes.length;
      const vector = Buffer.alloc(IOVEC_BYTES);
      vector.writeBigUInt64LE(BigInt(BYTES_AT), 0);
      vector.writeBigUInt64LE(BigInt(size), 8);
      const access = PROTECTIONS.PROT_READ | PROTECTIONS.PROT_WRITE;
      const how = MAP_SHARINGS.MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS;
      makeScratch(program);
      program.call('pwrite64', [SCRATCH, { input: bytes }, size, 0]);
      program.call('mmap', [BYTES_AT, PAGE_BYTES, access, how, -1, 0]);
      program.call('pread64', [SCRATCH, BYTES_AT, size, 0]);
      const bits = flagBits(RW_FLAGS, flags);
      program.call('pwritev2', [{ slot: fd }, { inout: vector }, 1, offset, 0, bits]);
      return;
    }
    case 'readMap': {
      const { map, offset, size } = step.args;
      // The kernel reads and writes the memory: it returns where a load would get a signal.
      makeScratch(program);
      program.call('pwrite64', [SCRATCH, mapAddress(map) + offset, size, 0]);
      program.call('pread64', [SCRATCH, { output: size }, size, 0]);
      return;
    }
    case 'writeMap': {
      const { map, offset, bytes } = step.args;
      const size = bytes.length;
      makeScratch(program);
      program.call('pwrite64', [SCRATCH, { input: bytes }, size, 0]);
      program.call('pread64', [SCRATCH, mapAddress(map) + offset, size, 0]);
      return;
    }
    case 'sendfile': {
      const { fd, offset, size } = step.args;
      const at = offset === null ? 0 : { inout: offsetBytes(offset) };
      makeScratch(program);
      program.call('sendfile', [SCRATCH, { slot: fd }, at, size]);
      program.call('pread64', [SCRATCH, { output: size }, size, 0]);
      return;
    }
    case 'sendfileTo': {
      const { fd, bytes } = step.args;
      const size = bytes.length;
      makeScratch(program);
      program.call('pwrite64', [SCRATCH, { input: bytes }, size, 0]);
      program.call('sendfile', [{ slot: fd }, SCRATCH, 0, size]);
    }
  }
}

function makeScratch(program: ProgramBuilder): void {
  program.call('memfd_create', [{ input: 'scratch\0' }, 0], SCRATCH_SLOT);
}
