import type { FlockKind, LockType } from './flags.ts';
import { fail, succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { OpenFile, World } from './state.ts';

/** From a byte up to another, which is not part of it. */
export interface LockRange {
  readonly from: number;
  readonly to: number;
  readonly type: LockType;
}

/** Locks are on the overlay inode, which copy-up does not change, and belong to an open file. */

/** flock(2) with LOCK_NB: another kind gives the old lock up first, even if it then fails. */
export function lockWhole(world: World, file: OpenFile, kind: FlockKind): Prediction<null> {
  const wanted = kind === 'LOCK_UN' ? null : kind;
  if (file.flock === wanted) return succeed(null);
  file.flock = null;
  const isTaken = othersOf(world, file).some(
    ({ flock }) => flock !== null && (flock === 'LOCK_EX' || wanted === 'LOCK_EX'),
  );
  if (wanted !== null && isTaken) return fail('EAGAIN');
  file.flock = wanted;
  return succeed(null);
}

/** F_OFD_SETLK of a range; length 0 is up to the end of all files. */
export function lockRange(
  world: World,
  file: OpenFile,
  type: LockType,
  { start, length }: { readonly start: number; readonly length: number },
): Prediction<null> {
  if (start < 0 || start + length < 0) return fail('EINVAL');
  if (type === 'F_RDLCK' && !file.canRead) return fail('EBADF');
  if (type === 'F_WRLCK' && !file.canWrite) return fail('EBADF');
  const range =
    length < 0
      ? { from: start + length, to: start, type }
      : { from: start, to: length === 0 ? Infinity : start + length, type };
  const isTaken = othersOf(world, file).some(({ locks }) =>
    locks.some((lock) => overlaps(lock, range) && (lock.type === 'F_WRLCK' || type === 'F_WRLCK')),
  );
  if (type !== 'F_UNLCK' && isTaken) return fail('EAGAIN');
  const kept = file.locks.flatMap((lock) => without(lock, range));
  file.locks = type === 'F_UNLCK' ? kept : [...kept, range];
  return succeed(null);
}

/** Whether F_SETLEASE succeeds: it counts who else has the overlay inode open. */
export function mayLease(world: World, file: OpenFile, type: LockType): boolean {
  const all = world.slots.filter((other) => other?.inode === file.inode && !other.isPath);
  const writers = all.filter((other) => other?.canWrite === true);
  if (type === 'F_RDLCK') return writers.length === 0;
  return all.length === 1 && world.program?.inode !== file.inode;
}

function othersOf({ slots }: World, file: OpenFile): readonly OpenFile[] {
  const isOther = (other: OpenFile | null): other is OpenFile =>
    other !== null && other !== file && other.inode === file.inode;
  return slots.filter(isOther);
}

function overlaps(a: LockRange, b: LockRange): boolean {
  return a.from < b.to && b.from < a.to;
}

/** What is left of a lock outside of a range. */
function without(lock: LockRange, range: LockRange): readonly LockRange[] {
  if (!overlaps(lock, range)) return [lock];
  const pieces = [
    { ...lock, to: range.from },
    { ...lock, from: range.to },
  ];
  return pieces.filter(({ from, to }) => from < to);
}
