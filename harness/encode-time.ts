import type { TimeArg } from '../model/ops/op.ts';
import {
  CLOCK_REALTIME,
  CLOCK_REALTIME_COARSE,
  TIMESPEC_BYTES,
  UTIME_NOW,
  UTIME_OMIT,
} from './constants.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** The time of the first step, and how far the others are apart: longer than any step takes. */
const CLOCK_START_SEC = 1_800_000_000;
const CLOCK_STEP_SEC = 100;

export function timespecs(...times: readonly TimeArg[]): Uint8Array {
  const bytes = Buffer.alloc(times.length * TIMESPEC_BYTES);
  for (const [index, time] of times.entries()) {
    const at = index * TIMESPEC_BYTES;
    if (time === 'UTIME_NOW') bytes.writeUInt32LE(UTIME_NOW, at + 8);
    else if (time === 'UTIME_OMIT') bytes.writeUInt32LE(UTIME_OMIT, at + 8);
    else {
      bytes.writeBigInt64LE(BigInt(time.sec), at);
      bytes.writeUInt32LE(time.nsec, at + 8);
    }
  }
  return bytes;
}

/** Gives a step its own time, if the clock is ours to set; reads the clock that files have. */
export function startClock(program: ProgramBuilder, step: number | null): void {
  if (step !== null) {
    const sec = CLOCK_START_SEC + step * CLOCK_STEP_SEC;
    const time = { sec, nsec: 0 };
    program.call('clock_settime', [CLOCK_REALTIME, { inout: timespecs(time) }]);
  }
  readClock(program, CLOCK_REALTIME_COARSE);
}

export function readClock(program: ProgramBuilder, clock: number): void {
  program.call('clock_gettime', [clock, { struct: TIMESPEC_BYTES }]);
}
