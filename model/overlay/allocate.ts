import { allocate, fillLastBlock, growContent, punchHole } from '../content.ts';
import { findHole } from '../holes.ts';
import type { AllocationPurpose } from '../base-profile.ts';
import { profileOf } from '../bases.ts';
import { isInRange } from '../faults.ts';
import { PAGE_BYTES } from '../flags.ts';
import type { FallocateFlag } from '../flags.ts';
import { dropFromMemory } from '../last-look.ts';
import { perhapsTouchMtime, touchCtime, touchMtime } from '../layer.ts';
import { perhapsWriteBack, resizeMapped, unmapBehind, unmapHole, writeBack } from '../memory.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { collapseRange, insertRange, isCollapsible, isInsertable, zeroRange } from '../ranges.ts';
import { endOfRoom } from '../room.ts';
import type { OpenFile, RealInode } from '../state.ts';
import { dropAsMounter, dropToWrite } from './privileges.ts';
import { usableFile } from './file.ts';
import { whyFixed, whyKept } from './flags.ts';
import { topOf } from './inode.ts';
import { isAppendOnly, isImmutable } from './protection.ts';
import { whyUntold } from './told.ts';

/** What goes with no other flag, and what tmpfs does not have. */
const RANGE_FLAGS: ReadonlySet<FallocateFlag> = new Set([
  'FALLOC_FL_ZERO_RANGE',
  'FALLOC_FL_COLLAPSE_RANGE',
  'FALLOC_FL_INSERT_RANGE',
]);

export function allocateFile(
  context: Context,
  fd: number,
  flags: readonly FallocateFlag[],
  offset: number,
  length: number,
): Prediction<null> {
  const file = usableFile(context, fd);
  if (!file.ok) return file;
  if (offset < 0 || length <= 0) return fail('EINVAL');
  const punches = flags.includes('FALLOC_FL_PUNCH_HOLE');
  const keepsSize = flags.includes('FALLOC_FL_KEEP_SIZE');
  const [other] = flags.filter((flag) => RANGE_FLAGS.has(flag));
  // Which combinations are nonsense and which are unsupported is nobody's promise.
  if (other !== undefined && flags.length > 1) return failNonsense(file.value);
  if (punches && !keepsSize) return fail('EOPNOTSUPP');
  const { inode, canWrite } = file.value;
  if (!canWrite) return fail('EBADF');
  const isGrowth = flags.every((flag) => flag === 'FALLOC_FL_KEEP_SIZE');
  if (isImmutable(inode) || (isAppendOnly(inode) && !isGrowth)) return fail('EPERM');
  if (inode.type === 'fifo') return fail('ESPIPE');
  const upper = topOf(inode);
  const held = dropToWrite(context, inode) ?? (isGrowth ? whyFixed : whyKept)(context, upper);
  if (held !== null) return held;
  const untold = whyUntold(context, file.value);
  if (untold !== null) return untold;
  const end = offset + length;
  if (punches || isGrowth) writeBackFirst(context, upper, punches ? 'hole' : 'room', offset, end);
  if (other !== undefined) return changeRange(context, upper, other, offset, end);
  const isChange = profileOf(upper).allocatingChanges(context.semantics);
  if (punches) {
    const found = profileOf(upper).knowsHoles && findHole(upper, offset, end);
    if (found === 'perhaps') perhapsTouchMtime(context.world.fs, upper);
    if (found !== false) return succeed(null);
    const isIdle =
      profileOf(upper).endOfHoles(context.semantics) !== 'as told' &&
      offset >= upper.content.length;
    if (isIdle && !profileOf(upper).stampsIdle(context.semantics)) return succeed(null);
    if (isChange) dropAsMounter(context, upper);
    const to = endOfHole(context, upper, offset, end);
    unmapHole(context.world, upper, offset, to);
    punchHole(upper, offset, to);
  } else {
    if (endOfRoom(context.world.fs, upper, offset, end) < end) {
      context.rule('room/allocates-all-or-nothing');
      return fail('ENOSPC');
    }
    if (isChange) dropAsMounter(context, upper);
    if (end > upper.content.length) fillLastBlock(upper);
    allocate(upper, offset, end);
    upper.hasRoom = profileOf(upper).notesRoom;
  }
  if (!punches && !keepsSize) grow(context, upper, end);
  (punches || isChange ? touchMtime : touchCtime)(context.world.fs, upper);
  return succeed(null);
}

function writeBackFirst(
  { world, semantics }: Context,
  upper: RealInode,
  purpose: AllocationPurpose,
  from: number,
  to: number,
): void {
  if (!profileOf(upper).flushesFor(semantics).includes(purpose)) return;
  writeBack(world, (real) => real === upper, isInRange(from, to - from));
}

function endOfHole({ semantics }: Context, upper: RealInode, offset: number, end: number): number {
  const { length } = upper.content;
  const rule = profileOf(upper).endOfHoles(semantics);
  const isOver = end > length || (end === length && rule === 'last block, also up to the end');
  if (rule === 'as told' || !isOver) return end;
  if (offset >= length) return offset;
  const blocks =
    rule === 'block of the end'
      ? Math.floor(length / PAGE_BYTES) + 1
      : Math.ceil(length / PAGE_BYTES);
  return Math.max(offset, blocks * PAGE_BYTES);
}

function changeRange(
  context: Context,
  upper: RealInode,
  flag: FallocateFlag,
  offset: number,
  end: number,
): Prediction<null> {
  const { world, semantics, rule } = context;
  const { hasRanges, collapses } = profileOf(upper);
  const isZeroed = flag === 'FALLOC_FL_ZERO_RANGE';
  if (isZeroed ? !hasRanges : !collapses) return fail('EOPNOTSUPP');
  const isInsertion = flag === 'FALLOC_FL_INSERT_RANGE';
  const mayMove = isInsertion ? isInsertable : isCollapsible;
  if (!isZeroed && !mayMove(upper, offset, end)) {
    perhapsWriteBack(world, upper, offset, end);
    if (!profileOf(upper).stampsIdle(semantics)) return fail('EINVAL');
    dropAsMounter(context, upper);
    touchMtime(world.fs, upper);
    return fail('EINVAL');
  }
  dropAsMounter(context, upper);
  if (isZeroed) {
    const { length } = upper.content;
    const lastBlock = length - (length % PAGE_BYTES);
    if (lastBlock >= offset && lastBlock < length && end > length)
      rule('fallocate/zeroes-over-end');
    writeBackFirst(context, upper, 'zeros', offset, end);
    unmapHole(world, upper, offset, end);
    grow(context, upper, end);
    zeroRange(upper, offset, end);
    dropFromMemory(upper, offset, end);
    upper.hasRoom = profileOf(upper).notesRoom;
  } else {
    writeBackFirst(context, upper, 'block before', offset - PAGE_BYTES, offset);
    unmapBehind(world, upper, offset);
    const hasBlockBefore = profileOf(upper).flushesFor(semantics).includes('block before');
    dropFromMemory(upper, hasBlockBefore ? offset - PAGE_BYTES : offset);
    (isInsertion ? insertRange : collapseRange)(upper, offset, end);
  }
  touchMtime(world.fs, upper);
  return succeed(null);
}

function grow({ world }: Context, upper: RealInode, end: number): void {
  if (end > upper.content.length) resizeMapped(world, upper, end);
  growContent(upper, end);
}

function failNonsense({ canWrite, inode }: OpenFile): Prediction<null> {
  if (!canWrite) return fail('EINVAL', 'EOPNOTSUPP', 'EBADF');
  return inode.type === 'fifo'
    ? fail('EINVAL', 'EOPNOTSUPP', 'ESPIPE')
    : fail('EINVAL', 'EOPNOTSUPP');
}
