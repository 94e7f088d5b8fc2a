import { ACCESS_ACL, aclOf } from '../acl.ts';
import { PAGE_BYTES } from '../flags.ts';
import type { FallocateFlag, Whence } from '../flags.ts';
import {
  allocate,
  growContent,
  punchHole,
  resizeContent,
  seekData,
  touchCtime,
  touchMtime,
  writeContent,
} from '../layer.ts';
import { profileOf } from '../bases.ts';
import { collapseRange, isCollapsible, zeroRange } from '../ranges.ts';
import { unmapBehind, unmapHole } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile, Overlay, RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { dropCapability, dropPrivileges, dropSetId } from './attr.ts';
import { copyUp } from './copy-up.ts';
import { dataOf, topOf } from './inode.ts';
import { whyFixed } from './flags.ts';
import { isAppendOnly, isImmutable } from './protection.ts';

/** Calls on open files act on the real file that is on top now, not on the one of open time. */

export function canSync({ inode }: OpenFile): boolean {
  return inode.type === 'file' || inode.type === 'dir';
}

/** Nothing is ever synced, and nobody is told otherwise. */
export function isVolatile({ config }: Overlay): boolean {
  return config.sync === 'volatile';
}

/** An open file of a slot that is more than a path. */
export function usableFile({ world }: Context, fd: number): Prediction<OpenFile> {
  const file = openFileOf(world, fd);
  return file.ok && file.value.isPath ? fail('EBADF') : file;
}

/** read(2), or pread(2) with an offset. */
export function readFile(
  context: Context,
  fd: number,
  size: number,
  offset: number | null,
): Prediction<string> {
  if (offset !== null && offset < 0) return fail('EINVAL');
  const opened = usableFile(context, fd);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (offset !== null && file.inode.type === 'fifo') return fail('ESPIPE');
  if (!file.canRead) return fail('EBADF');
  if (file.inode.type === 'dir') {
    // The end of a directory of hashed names is so far out that reading there overflows.
    const hashesNames = realDirsOf(file).some((dir) => profileOf(dir).hashesNames);
    const isFarOut = offset === null && Number.isNaN(file.position) && hashesNames;
    return isFarOut ? fail('EISDIR', 'EINVAL') : fail('EISDIR');
  }
  if (file.inode.type === 'fifo') return readFifo(context, file, size);
  context.rule('fd/follows-copy-up');
  const at = offset ?? file.position;
  const bytes = dataOf(file.inode).content.slice(at, at + size);
  if (offset === null) file.position += bytes.length;
  return succeed(bytes);
}

function readFifo({ world }: Context, { inode }: OpenFile, size: number): Prediction<string> {
  if (size === 0) return succeed('');
  const bytes = inode.pipe.slice(0, size);
  inode.pipe = inode.pipe.slice(size);
  if (bytes !== '') return succeed(bytes);
  const hasWriter = world.slots.some((other) => other?.inode === inode && other.canWrite);
  return hasWriter ? fail('EAGAIN') : succeed('');
}

/** write(2), or pwrite(2) with an offset. */
export function writeFile(
  context: Context,
  fd: number,
  bytes: string,
  offset: number | null,
  { appends = false }: { readonly appends?: boolean } = {},
): Prediction<number> {
  if (offset !== null && offset < 0) return fail('EINVAL');
  const opened = usableFile(context, fd);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (offset !== null && file.inode.type === 'fifo') return fail('ESPIPE');
  if (!file.canWrite) return fail('EBADF');
  if (file.inode.type === 'fifo') return writeFifo(context, file, bytes);
  if (bytes === '') return succeed(0);
  context.rule('fd/write-drops-privileges');
  const upper = topOf(file.inode);
  const fixed = whyFixed(context, upper);
  if (fixed !== null) return fixed;
  dropPrivileges(context, upper);
  const isAppend = appends || file.flags.has('O_APPEND');
  const at = isAppend ? upper.content.length : (offset ?? file.position);
  writeContent(upper, at, bytes);
  touchMtime(context.world.fs, upper);
  if (offset === null) file.position = at + bytes.length;
  return succeed(bytes.length);
}

function writeFifo({ world }: Context, { inode }: OpenFile, bytes: string): Prediction<number> {
  if (bytes === '') return succeed(0);
  const hasReader = world.slots.some((other) => other?.inode === inode && other.canRead);
  if (!hasReader) return fail('EPIPE');
  inode.pipe += bytes;
  return succeed(bytes.length);
}

export function seekFile(
  context: Context,
  fd: number,
  offset: number,
  whence: Whence,
): Prediction<number | null> {
  const opened = usableFile(context, fd);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (file.inode.type === 'fifo') return fail('ESPIPE');
  if (file.inode.type === 'dir') return seekDir(file, offset, whence);
  const top = dataOf(file.inode);
  if (whence === 'SEEK_DATA' || whence === 'SEEK_HOLE') {
    const found = seekData(top, offset, whence === 'SEEK_DATA' ? 'data' : 'hole');
    if (found === null) return fail('ENXIO');
    file.position = found;
    return succeed(found);
  }
  const from = { SEEK_SET: 0, SEEK_CUR: file.position, SEEK_END: top.content.length }[whence];
  if (from + offset < 0) return fail('EINVAL');
  file.position = from + offset;
  return succeed(file.position);
}

/** Only going back to the start has a meaning that we know. */
function seekDir(file: OpenFile, offset: number, whence: Whence): Prediction<number | null> {
  if (whence !== 'SEEK_SET' && whence !== 'SEEK_CUR') {
    if (!realDirsOf(file).some((dir) => profileOf(dir).seeksDirs)) return fail('EINVAL');
    file.position = Number.NaN;
    file.listing = null;
    return { ok: true, value: null, unless: ['EINVAL', 'ENXIO'] };
  }
  const to = whence === 'SEEK_SET' ? offset : file.position + offset;
  if (to < 0) return fail('EINVAL');
  if (Number.isNaN(to) && offset === 0) return succeed(null);
  file.position = to;
  file.listing = null;
  // From a place that is not known the step back may be too far.
  const isUnknown = Number.isNaN(to);
  return isUnknown ? { ok: true, value: null, unless: ['EINVAL'] } : succeed(to);
}

/** Seeking in a directory may be the business of any of the real ones. */
function realDirsOf({ inode: { upper, lowers } }: OpenFile): readonly RealInode[] {
  return upper === null ? lowers : [upper, ...lowers];
}

export function truncatePath(
  context: Context,
  { dentry, inode }: Target,
  size: number,
): Prediction<null> {
  if (inode.upper === null) context.rule('copy-up/truncate');
  const upper = copyUp(context, dentry, { wantsData: true });
  if (!upper.ok) return upper;
  truncateReal(context, upper.value, size);
  return succeed(null);
}

/** truncate(2): without a change of size, times change only if there are pages to look through. */
export function truncateReal(context: Context, real: RealInode, size: number): void {
  const { content, pages } = real;
  const isTimed = content.length !== size || pages.size > 0 || profileOf(real).stampsSameSize;
  setSize(context, real, size, { isTimed });
}

export function truncateOpenFile(context: Context, fd: number, size: number): Prediction<null> {
  if (size < 0) return fail('EINVAL');
  const file = usableFile(context, fd);
  if (!file.ok) return file;
  const { inode, canWrite } = file.value;
  if (inode.type !== 'file' || !canWrite) return fail('EINVAL');
  if (isAppendOnly(inode)) return fail('EPERM');
  const fixed = whyFixed(context, topOf(inode));
  if (fixed !== null) return fixed;
  setSize(context, topOf(inode), size, { isTimed: true });
  return succeed(null);
}

function setSize(
  context: Context,
  upper: RealInode,
  size: number,
  { isTimed }: { readonly isTimed: boolean },
): void {
  dropCapability(context, upper);
  const { ctime, mode } = upper;
  dropSetId(context, upper);
  if (size < upper.content.length) unmapBehind(context.world, upper, size);
  resizeContent(upper, size);
  if (isTimed) touchMtime(context.world.fs, upper);
  // A new mode is written to the access control list, and that is stamped.
  else if (upper.mode === mode || aclOf(upper, ACCESS_ACL) === null) upper.ctime = ctime;
}

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
  dropPrivileges(context, upper);
  const end = offset + length;
  if (others.length > 0) {
    const isCollapse = others.includes('FALLOC_FL_COLLAPSE_RANGE');
    return changeRange(context, upper, isCollapse, offset, end);
  }
  if (punches) {
    const isIdle = profileOf(upper).hasRanges && offset >= upper.content.length;
    if (isIdle && context.semantics.behaviour.ext4IdleFallocate === 'stamps nothing') {
      return succeed(null);
    }
    const to = endOfHole(upper, offset, end);
    unmapHole(context.world, upper, offset, to);
    punchHole(upper, offset, to);
  } else allocate(upper, offset, end);
  if (!punches && !keepsSize) growContent(upper, end);
  const changes = punches || profileOf(upper).stampsAllocation(context.semantics);
  (changes ? touchMtime : touchCtime)(context.world.fs, upper);
  return succeed(null);
}

/** A hole over the end of a file takes all of its last block; one behind the end is none. */
function endOfHole(upper: RealInode, offset: number, end: number): number {
  const { length } = upper.content;
  if (!profileOf(upper).hasRanges || end <= length) return end;
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
  if (!profileOf(upper).hasRanges) return fail('EOPNOTSUPP');
  if (isCollapse && !isCollapsible(upper, offset, end)) {
    const stamps = semantics.behaviour.ext4IdleFallocate === 'stamps';
    if (stamps) touchMtime(world.fs, upper);
    return fail('EINVAL');
  }
  if (isCollapse) {
    unmapBehind(world, upper, offset);
    collapseRange(upper, offset, end);
  } else {
    unmapHole(world, upper, offset, end);
    growContent(upper, end);
    zeroRange(upper, offset, end);
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
