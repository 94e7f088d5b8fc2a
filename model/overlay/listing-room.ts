import { profileOf } from '../bases.ts';
import type { Listing } from '../listing.ts';
import type { OpenFile } from '../state.ts';
import type { AsksParent } from './dots.ts';

/** The header of struct linux_dirent64, the name with its NUL, aligned. */
const HEADER_BYTES = 19;
const ALIGNMENT = 8;
const DOTS = ['.', '..'];

export function direntBytes(name: string): number {
  return Math.ceil((HEADER_BYTES + name.length + 1) / ALIGNMENT) * ALIGNMENT;
}

/**
 * Names that are sorted by their hashes may come before `.`, which else is the first: in the lowest
 * layer, whose names come first.
 */
export function mayHaveDotsLate({ inode: { upper, lowers } }: OpenFile): boolean {
  const lowest = lowers.at(-1) ?? upper;
  return lowest !== null && profileOf(lowest).hashesNames;
}

export interface Reach extends Pick<Listing, 'emitted'> {
  readonly looksUp: boolean;
  /** It comes to the end. */
  readonly isWhole: boolean;
  readonly asksParent: AsksParent;
}

/** How far a call comes that has so much room, and whether it looks names up on its way. */
export function reachOf(
  { kind, entries, emitted }: Listing,
  room: number,
  { dotsLate }: { readonly dotsLate: boolean },
): Reach {
  const asksParent = dotsLate ? 'perhaps' : 'yes';
  const unknown = { emitted: null, looksUp: true, isWhole: false, asksParent } as const;
  if (kind !== 'snapshot') return unknown;
  const names = entries.filter(({ isWhiteout }) => !isWhiteout).map(({ name }) => name);
  const bytes = [...DOTS, ...names].map(direntBytes);
  const total = bytes.length;
  const whole = { isWhole: true, asksParent: 'yes' } as const;
  if (emitted !== null && emitted >= total) return { ...whole, emitted, looksUp: false };
  const isWhole = bytes.reduce((sum, one) => sum + one) <= room;
  if (isWhole) return { ...whole, emitted: total, looksUp: true };
  if (emitted === null) return unknown;
  const dots = emitted + Math.floor(room / direntBytes('.'));
  if (!dotsLate && dots < DOTS.length) {
    // Without room for `.` it goes no further.
    const asked = dots === 0 ? 'no' : 'yes';
    return { emitted: dots, looksUp: false, isWhole: false, asksParent: asked };
  }
  // Which of them come depends on their order; how many do not if all take the same room.
  const [each = 0] = bytes;
  if (bytes.some((one) => one !== each)) return unknown;
  const next = Math.min(total, emitted + Math.floor(room / each));
  // The first one that finds no room is looked up, too.
  const looksUp = dotsLate || next >= DOTS.length;
  return next === total
    ? { ...whole, emitted: next, looksUp }
    : { emitted: next, looksUp, isWhole: false, asksParent };
}
