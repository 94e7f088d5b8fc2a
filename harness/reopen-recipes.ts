import type { Step } from '../model/ops/index.ts';
import { AT_FDCWD, flagBits, O_CLOEXEC, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { RESOLVE_FLAGS } from './constants.ts';
import { GUEST, guestPath } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';

/** The root of the overlay, behind the slots of scenarios. */
const ROOT_SLOT = 58;
/** A number far above all that is open, so that the name of its link is known here. */
const KNOWN_FD = 200;
const LINK = { input: `${GUEST.proc}/self/fd/${KNOWN_FD}\0` };
const PATH_MAX = 4096;
const OPEN_HOW_BYTES = 24;

export type ReopenStep = Extract<Step, { op: 'fdPath' | 'reopenFd' | 'openat2' | 'execute' }>;

/** Opening by what is open already. */
export function runReopenRecipe(program: ProgramBuilder, step: ReopenStep): void {
  switch (step.op) {
    case 'fdPath':
      program.call('dup3', [{ slot: step.args.fd }, KNOWN_FD, O_CLOEXEC]);
      program.call('readlinkat', [AT_FDCWD, LINK, { output: PATH_MAX }, PATH_MAX]);
      program.call('close', [KNOWN_FD]);
      return;
    case 'reopenFd': {
      const { slot, fd, flags } = step.args;
      const names = flags.filter((flag) => flag !== 'O_NOFOLLOW');
      const bits = flagBits(OPEN_FLAGS, names) | OPEN_FLAGS_ALWAYS;
      program.call('dup3', [{ slot: fd }, KNOWN_FD, O_CLOEXEC]);
      program.call('openat', [AT_FDCWD, LINK, bits, 0], slot);
      program.call('close', [KNOWN_FD]);
      return;
    }
    case 'execute': {
      const path = { input: `${guestPath(step.args.path)}\0` };
      program.child('execve', [path, 0, 0], step.args.slot);
      return;
    }
    case 'openat2': {
      const { slot, path, flags, mode, resolve } = step.args;
      const root = OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY | O_CLOEXEC;
      const isPath = flags.includes('O_PATH');
      const how = Buffer.alloc(OPEN_HOW_BYTES);
      // O_NONBLOCK is for fifos, and does not go with O_PATH here.
      const always = isPath ? O_CLOEXEC : OPEN_FLAGS_ALWAYS;
      how.writeUInt32LE(flagBits(OPEN_FLAGS, flags) | always, 0);
      how.writeUInt32LE(mode, 8);
      how.writeUInt32LE(flagBits(RESOLVE_FLAGS, resolve), 16);
      program.call('openat', [AT_FDCWD, { input: `${GUEST.merged}\0` }, root, 0], ROOT_SLOT);
      const from = { slot: ROOT_SLOT };
      program.call('openat2', [from, { input: `${path}\0` }, { inout: how }, how.length], slot);
      program.close(ROOT_SLOT);
    }
  }
}
