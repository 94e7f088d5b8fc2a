import { allocate, fillLastBlock, growContent, punchHole } from '../content.ts';
import { profileOf } from '../bases.ts';
import { PAGE_BYTES } from '../flags.ts';
import type { FallocateFlag } from '../flags.ts';
import { touchCtime, touchMtime } from '../layer.ts';
import { unmapBehind, unmapHole } from '../memory.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { collapseRange, isCollapsible, zeroRange } from '../ranges.ts';
import type { OpenFile, RealInode } from '../state.ts';
import { dropPrivilegesAsMounter } from './attr.ts';
import { usableFile } from './file.ts';
import { topOf } from './inode.ts';
import { isAppendOnly, isImmutable } from './protection.ts';

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
  const others = flags.filter(
    (flag) => flag === 'FALLOC_FL_ZERO_RANGE' || flag === 'FALLOC_FL_COLLAPSE_RANGE',
  );
  // Which combinations are nonsense and which are unsupported is nobody's promise.
  if (others.length > 0 && flags.length > 1) return failNonsense(file.value);
  if (punches && !keepsSize) return fail('EOPNOTSUPP');
  const { inode, canWrite } = file.value;
  if (!canWrite) return fail('EBADF');
  const isGrowth = flags.every((flag) => flag === 'FALLOC_FL_KEEP_SIZE');
  if (isImmutable(inode) || (isAppendOnly(inode) && !isGrowth)) return fail('EPERM');
  if (inode.type === 'fifo') return fail('ESPIPE');
  const upper = topOf(inode);
  dropPrivilegesAsMounter(context, upper);
  const end = offset + length;
  if (others.length > 0) {
    const isCollapse = others.includes('FALLOC_FL_COLLAPSE_RANGE');
    return changeRange(context, upper, isCollapse, offset, end);
  }
  if (punches) {
    if (profileOf(upper).knowsHoles && isHole(upper, offset, end)) return succeed(null);
    const isIdle = profileOf(upper).holesEndWithBlock && offset >= upper.content.length;
    if (isIdle && !profileOf(upper).stampsIdle(context.semantics)) return succeed(null);
    const to = endOfHole(upper, offset, end);
    unmapHole(context.world, upper, offset, to);
    punchHole(upper, offset, to);
  } else {
    if (end > upper.content.length) fillLastBlock(upper);
    allocate(upper, offset, end);
    upper.hasRoom = profileOf(upper).notesRoom;
  }
  if (!punches && !keepsSize) growContent(upper, end);
  const changes = punches || profileOf(upper).stampsAllocation(context.semantics);
  (changes ? touchMtime : touchCtime)(context.world.fs, upper);
  return succeed(null);
}

/** The file system looks no further than as many blocks as the range needs where it is aligned. */
function isHole({ pages }: RealInode, from: number, to: number): boolean {
  const first = Math.floor(from / PAGE_BYTES);
  if (first + Math.ceil((to - from) / PAGE_BYTES) < Math.ceil(to / PAGE_BYTES)) return false;
  for (const page of pages)
    if ((page + 1) * PAGE_BYTES > from && page * PAGE_BYTES < to) return false;
  return true;
}

/** A hole over the end of a file takes all of its last block; one behind the end is none. */
function endOfHole(upper: RealInode, offset: number, end: number): number {
  const { length } = upper.content;
  if (!profileOf(upper).holesEndWithBlock || end <= length) return end;
  if (offset >= length) return offset;
  return Math.max(offset, (Math.floor(length / PAGE_BYTES) + 1) * PAGE_BYTES);
}

/** What tmpfs does not have. */
function changeRange(
  { world, semantics }: Context,
  upper: RealInode,
  isCollapse: boolean,
  offset: number,
  end: number,
): Prediction<null> {
  const { hasRanges, collapses } = profileOf(upper);
  if (isCollapse ? !collapses : !hasRanges) return fail('EOPNOTSUPP');
  if (isCollapse && !isCollapsible(upper, offset, end)) {
    if (profileOf(upper).stampsIdle(semantics)) touchMtime(world.fs, upper);
    return fail('EINVAL');
  }
  if (isCollapse) {
    unmapBehind(world, upper, offset);
    collapseRange(upper, offset, end);
  } else {
    unmapHole(world, upper, offset, end);
    growContent(upper, end);
    zeroRange(upper, offset, end);
    upper.hasRoom = profileOf(upper).notesRoom;
  }
  touchMtime(world.fs, upper);
  return succeed(null);
}

function failNonsense({ canWrite, inode }: OpenFile): Prediction<null> {
  if (!canWrite) return fail('EINVAL', 'EOPNOTSUPP', 'EBADF');
  return inode.type === 'fifo'
    ? fail('EINVAL', 'EOPNOTSUPP', 'ESPIPE')
    : fail('EINVAL', 'EOPNOTSUPP');
}
