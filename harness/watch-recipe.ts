import type { Step } from '../model/ops/index.ts';
import { AT_FDCWD, flagBits, INOTIFY_EVENTS, O_CLOEXEC } from './constants.ts';
import { O_NONBLOCK, OPEN_FLAGS, OPEN_FLAGS_ALWAYS } from './constants.ts';
import { guestPath } from './guest.ts';
import type { ProgramBuilder } from './protocol/program.ts';
import type { CallResult } from './protocol/results.ts';

/** Behind the slots of scenarios. */
export const WATCH_SLOT = 56;
const WATCHED_SLOT = 57;
const EVENTS_BYTES = 1024;
const READ_BYTES = 64;

/** Where its calls are, seen from the end. */
export const WATCH_RECIPE = { watch: -9, open: -8, opened: -7, used: -4, closed: -2 } as const;

/** Watches an object while it is used; what came is read after each thing that was done. */
export function watchRecipe(
  program: ProgramBuilder,
  { path, flags, bytes }: Extract<Step, { op: 'watch' }>['args'],
): void {
  const name = { input: `${guestPath(path)}\0` };
  const all = flagBits(INOTIFY_EVENTS, Object.keys(INOTIFY_EVENTS));
  const watched = { slot: WATCHED_SLOT };
  const readEvents = (): void => {
    program.call('read', [{ slot: WATCH_SLOT }, { output: EVENTS_BYTES }, EVENTS_BYTES]);
  };
  program.call('inotify_init1', [O_NONBLOCK | O_CLOEXEC], WATCH_SLOT);
  program.call('inotify_add_watch', [{ slot: WATCH_SLOT }, name, all]);
  const bits = flagBits(OPEN_FLAGS, flags) | OPEN_FLAGS_ALWAYS;
  program.call('openat', [AT_FDCWD, name, bits, 0], WATCHED_SLOT);
  readEvents();
  program.call('read', [watched, { output: READ_BYTES }, READ_BYTES]);
  program.call('write', [watched, { input: bytes }, bytes.length]);
  readEvents();
  program.close(WATCHED_SLOT);
  readEvents();
  program.close(WATCH_SLOT);
}

/** When what was told is read. */
export const PHASES = ['opened', 'used', 'closed'] as const;

/** Each thing that was told at least once, and when. */
export function decodeEvents(calls: readonly CallResult[]): readonly string[] {
  const told = PHASES.flatMap((phase) => {
    const bytes = calls.at(WATCH_RECIPE[phase])?.outputs[0] ?? Buffer.alloc(0);
    return masksOf(bytes).flatMap((mask) => namesOf(mask).map((name) => `${phase} ${name}`));
  });
  return [...new Set(told)];
}

const EVENT_BYTES = 16;
const MASK_AT = 4;
const NAME_BYTES_AT = 12;

/** struct inotify_event, one after the other. */
function masksOf(buffer: Buffer): readonly number[] {
  const masks: number[] = [];
  for (let at = 0; at + EVENT_BYTES <= buffer.length;) {
    masks.push(buffer.readUInt32LE(at + MASK_AT));
    at += EVENT_BYTES + buffer.readUInt32LE(at + NAME_BYTES_AT);
  }
  return masks;
}

function namesOf(mask: number): readonly string[] {
  return Object.entries(INOTIFY_EVENTS).flatMap(([name, bit]) => ((mask & bit) === 0 ? [] : name));
}
