import type { ContextCall, ContextPlan } from '../model/mount-plan.ts';
import { errnoName } from '../model/errno.ts';
import { AT_FDCWD, MOVE_MOUNT_F_EMPTY_PATH, MS_REMOUNT } from './constants.ts';
import { GUEST } from './guest.ts';
import { MOUNT_FLAGS } from './guest-calls.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { CallResult } from './protocol/results.ts';

/** The context, what it mounts, and a layer; they are closed again. */
const SLOTS = { context: 57, mount: 58, layer: 59 } as const;
/** FSCONFIG_SET_* and FSCONFIG_CMD_* of the uapi headers. */
const COMMANDS = {
  flag: 0,
  string: 1,
  binary: 2,
  path: 3,
  'path-empty': 4,
  fd: 5,
  create: 6,
  reconfigure: 7,
} as const satisfies Partial<Record<ContextCall['call'], number>>;
const OPENED = { O_PATH: 0o10000000, O_RDONLY: 0 } as const;

/** Where among the instructions of a call the one is that tells how it went, and how many. */
interface EncodedCall {
  readonly tells: number;
  readonly count: number;
}

export interface EncodedContext {
  readonly calls: readonly EncodedCall[];
  readonly instructions: number;
}

/** The calls of a plan, on a context of their own. The working directory holds all places. */
export function encodeContext(program: ProgramBuilder, { calls }: ContextPlan): EncodedContext {
  const from = program.instructions;
  program.call('fsopen', [{ input: 'overlay\0' }, 0], SLOTS.context);
  const encoded = calls.map((call) => {
    const before = program.instructions;
    const tells = encodeCall(program, call);
    return { tells, count: program.instructions - before };
  });
  for (const slot of Object.values(SLOTS)) program.close(slot);
  return { calls: encoded, instructions: program.instructions - from };
}

/** What each call of a plan returned: an errno, or 0. */
export function contextResults(
  { calls }: EncodedContext,
  results: readonly CallResult[],
): readonly string[] {
  let at = 1;
  return calls.map(({ tells, count }) => {
    const value = results[at + tells]?.value ?? 0;
    at += count;
    return value < 0 ? (errnoName(-value) ?? String(-value)) : '0';
  });
}

/** Which of the instructions tells, counted from the first. */
function encodeCall(program: ProgramBuilder, call: ContextCall): number {
  const context = { slot: SLOTS.context };
  const merged = { input: `${GUEST.merged}\0` };
  switch (call.call) {
    case 'create':
    case 'reconfigure':
      program.call('fsconfig', [context, COMMANDS[call.call], 0, 0, 0]);
      return 0;
    case 'mount':
      program.call('fsmount', [context, 0, 0], SLOTS.mount);
      program.call('move_mount', [
        ...[{ slot: SLOTS.mount }, { input: '\0' }, AT_FDCWD, merged, MOVE_MOUNT_F_EMPTY_PATH],
      ]);
      program.close(SLOTS.mount);
      return 0;
    case 'pick':
      program.call('fspick', [AT_FDCWD, merged, 0], SLOTS.context);
      return 0;
    case 'remount': {
      const data = { input: `${call.options}\0` };
      program.call('mount', [0, merged, 0, MOUNT_FLAGS | MS_REMOUNT, data]);
      return 0;
    }
    default:
      return encodeParameter(program, call);
  }
}

function encodeParameter(
  program: ProgramBuilder,
  call: Extract<ContextCall, { readonly key: string }>,
): number {
  const context = { slot: SLOTS.context };
  const key = { input: `${call.key}\0` };
  const command = COMMANDS[call.call];
  if (call.call === 'flag') {
    program.call('fsconfig', [context, command, key, 0, 0]);
    return 0;
  }
  const value = call.value.replaceAll('@', '');
  if (call.call === 'fd') {
    // A slot that nothing is in passes an fd that nothing is open under.
    if (value !== '') {
      program.call(
        'openat',
        [AT_FDCWD, { input: `${value}\0` }, OPENED[call.opened], 0],
        SLOTS.layer,
      );
    }
    const fd = value === '' ? NO_FD : { slot: SLOTS.layer };
    program.call('fsconfig', [context, command, key, 0, fd]);
    program.close(SLOTS.layer);
    return value === '' ? 0 : 1;
  }
  const data = { input: call.call === 'binary' ? value : `${value}\0` };
  const aux = { string: 0, binary: value.length, path: AT_FDCWD, 'path-empty': AT_FDCWD };
  program.call('fsconfig', [context, command, key, data, aux[call.call]]);
  return 0;
}

/** No program of ours has so many files open. */
const NO_FD = 1000;
