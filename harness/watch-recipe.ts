import type { Step } from '../model/ops/index.ts';
import { errnoName } from '../model/errno.ts';
import { stepOfChange } from '../model/watched-step.ts';
import { WATCHED_BYTES, WATCHED_FLAGS, WATCHED_MODE } from '../model/watched-step.ts';
import { AT_FDCWD, flagBits, INOTIFY_EVENTS, INOTIFY_FLAGS, O_CLOEXEC } from './constants.ts';
import { O_NONBLOCK, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { guestPath } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { Instruction } from './protocol/read-program.ts';
import type { CallResult } from './protocol/results.ts';

/** Behind the slots of scenarios. */
const WATCH_SLOT = 56;
const WATCHED_SLOT = 57;
/** More than all names of one step need. */
const EVENTS_BYTES = 4096;
const READ_BYTES = 64;

/** Where its calls are, seen from the end. */
export const WATCH_RECIPE = { watch: -9, open: -8, opened: -7, used: -4, closed: -2 } as const;

/**
 * The same of what is watched while a call changes it, from the first; two reads of what was told
 * are around the calls of the change.
 */
export const TOLD_RECIPE = { watch: 1 } as const;

/** Watches an object while it is used; what came is read after each thing that was done. */
export function watchRecipe(
  program: ProgramBuilder,
  { path, flags, bytes }: Extract<Step, { op: 'watch' }>['args'],
): void {
  const name = { input: `${guestPath(path)}\0` };
  const watched = { slot: WATCHED_SLOT };
  startWatch(program, path);
  const bits = flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS;
  program.call('openat', [AT_FDCWD, name, bits, 0], WATCHED_SLOT);
  readEvents(program);
  program.call('read', [watched, { output: READ_BYTES }, READ_BYTES]);
  program.call('write', [watched, { input: bytes }, bytes.length]);
  readEvents(program);
  program.close(WATCHED_SLOT);
  readEvents(program);
  program.close(WATCH_SLOT);
}

/** Watches an object while a call changes it, or another one. */
export function watchChange(
  program: ProgramBuilder,
  args: Extract<Step, { op: 'watchChange' }>['args'],
  encode: (step: Step) => void,
): void {
  startWatch(program, args.path);
  if (args.caches === 'dropped') encode({ op: 'dropCaches', args: {} });
  readEvents(program);
  const step = stepOfChange(args);
  if (step === null) writeOnce(program, args.name);
  else encode(step);
  readEvents(program);
  program.close(WATCH_SLOT);
}

function startWatch(program: ProgramBuilder, path: string): void {
  const all = flagBits(INOTIFY_EVENTS, Object.keys(INOTIFY_EVENTS));
  const name = { input: `${guestPath(path)}\0` };
  program.call('inotify_init1', [O_NONBLOCK | O_CLOEXEC], WATCH_SLOT);
  program.call('inotify_add_watch', [{ slot: WATCH_SLOT }, name, all]);
}

function readEvents(program: ProgramBuilder): void {
  program.call('read', [{ slot: WATCH_SLOT }, { output: EVENTS_BYTES }, EVENTS_BYTES]);
}

function writeOnce(program: ProgramBuilder, path: string): void {
  const name = { input: `${guestPath(path)}\0` };
  const flags = flagBits(OPEN_FLAGS, WATCHED_FLAGS) | OPEN_FLAGS_ALWAYS;
  const bytes = { input: WATCHED_BYTES };
  program.call('openat', [AT_FDCWD, name, flags, WATCHED_MODE], WATCHED_SLOT);
  program.call('write', [{ slot: WATCHED_SLOT }, bytes, WATCHED_BYTES.length]);
  program.close(WATCHED_SLOT);
}

/** Whether an instruction reads what a watch was told. */
export function hears(instruction: Instruction | undefined): boolean {
  if (instruction?.op !== 'call' || instruction.call !== 'read') return false;
  return Number(instruction.args[0]?.value) === WATCH_SLOT;
}

/** When what was told is read. */
export const PHASES = ['opened', 'used', 'closed'] as const;

/** Each thing that was told at least once, and when. */
export function decodeEvents(calls: readonly CallResult[]): readonly string[] {
  const told = PHASES.flatMap((phase) => {
    const bytes = calls.at(WATCH_RECIPE[phase])?.outputs[0];
    return eventsIn(bytes).flatMap(({ mask }) => namesOf(mask).map((name) => `${phase} ${name}`));
  });
  return [...new Set(told)];
}

/** How the change went, and what was told, in order. */
export function decodeTold(calls: readonly CallResult[]): string {
  const reads = [...calls.keys()].filter((at) => (calls[at]?.outputs.length ?? 0) > 0);
  const [from = 0, to = 0] = reads;
  const failed = calls.slice(from + 1, to).find(({ value }) => value < 0);
  const went = failed === undefined ? 'done' : (errnoName(-failed.value) ?? `${failed.value}`);
  const [early = [], told = []] = reads.map((at) => eventsIn(calls[at]?.outputs[0]));
  const cookies = [...new Set(told.map(({ cookie }) => cookie))].filter((cookie) => cookie !== 0);
  const say = ({ mask, cookie, name }: InotifyEvent): string => {
    const number = cookies.indexOf(cookie) + 1;
    const words = [sayMask(mask), name, number > 0 ? `#${number}` : ''];
    return words.filter((word) => word !== '').join(' ');
  };
  return [...early.map(say), went, ...told.map(say)].join(', ');
}

/** Of that, what was told. */
export function toldOf(text: string): readonly string[] {
  return text.split(', ').slice(1);
}

function sayMask(mask: number): string {
  const table = { ...INOTIFY_EVENTS, ...INOTIFY_FLAGS };
  const names = Object.keys(table).filter((name) => (mask & (table[name] ?? 0)) !== 0);
  const rest = names.reduce((bits, name) => bits & ~(table[name] ?? 0), mask);
  return [...names, ...(rest === 0 ? [] : [`0x${(rest >>> 0).toString(16)}`])].join('|');
}

const EVENT_BYTES = 16;
const MASK_AT = 4;
const COOKIE_AT = 8;
const NAME_BYTES_AT = 12;

interface InotifyEvent {
  readonly mask: number;
  /** The same for both ends of a rename; else 0. */
  readonly cookie: number;
  readonly name: string;
}

/** struct inotify_event, one after the other; a name is padded with NUL bytes. */
function eventsIn(buffer: Buffer = Buffer.alloc(0)): readonly InotifyEvent[] {
  const events: InotifyEvent[] = [];
  for (let at = 0; at + EVENT_BYTES <= buffer.length;) {
    const end = at + EVENT_BYTES + buffer.readUInt32LE(at + NAME_BYTES_AT);
    events.push({
      mask: buffer.readUInt32LE(at + MASK_AT),
      cookie: buffer.readUInt32LE(at + COOKIE_AT),
      name: buffer.toString('latin1', at + EVENT_BYTES, end).replace(/\0+$/, ''),
    });
    at = end;
  }
  return events;
}

function namesOf(mask: number): readonly string[] {
  return Object.entries(INOTIFY_EVENTS).flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : name));
}
