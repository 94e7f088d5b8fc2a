import { ACCESS_ACL } from '../acl-names.ts';
import { aclOf } from '../acl.ts';
import type { Whence } from '../flags.ts';
import { resizeContent, seekData, writeContent } from '../content.ts';
import { isInRange } from '../faults.ts';
import { cutFolios } from '../folios.ts';
import { noteReading } from '../last-look.ts';
import { touchMtime } from '../layer.ts';
import { profileOf } from '../bases.ts';
import { resizeMapped, unmapBehind } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { endOfRoom } from '../room.ts';
import type { OpenFile, Overlay, RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { copyUp } from './copy-up.ts';
import { dataOf, namesNow, noteFoundBy, topOf } from './inode.ts';
import { whyGuarded } from './flags.ts';
import { noteChange } from './known.ts';
import {
  askedOf,
  dropAsMounter,
  dropCapability,
  dropCapabilityFirst,
  whyPrivilegesKept,
} from './privileges.ts';
import { dropSetId, dropToWrite } from './privileges.ts';
import type { Known } from './privileges.ts';
import { isAppendOnly } from './protection.ts';
import { noteUpperFile, syncWritten } from './sync.ts';
import { whyUntold } from './told.ts';

/** Calls on open files act on the real file that is on top now, not on the one of open time. */

export function canSync({ inode }: OpenFile): boolean {
  return inode.type === 'file' || inode.type === 'dir';
}

/** Nothing is ever synced, and nobody is told otherwise. */
export function isVolatile({ config }: Overlay): boolean {
  return config.sync === 'volatile';
}

/** An open file of a slot that is more than a path. */
export function usableFile(context: Context, fd: number): Prediction<OpenFile> {
  const file = openFileOf(context.world, fd);
  if (file.ok) noteFoundBy(context, file.value.inode);
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
    const endsFarOut = realDirsOf(file).some((dir) => profileOf(dir).endsFarOut);
    const isFarOut = offset === null && Number.isNaN(file.position) && endsFarOut;
    return isFarOut ? fail('EISDIR', 'EINVAL') : fail('EISDIR');
  }
  if (file.inode.type === 'fifo') return readFifo(context, file, size);
  context.rule('fd/follows-copy-up');
  const untold = size === 0 ? null : whyUntold(context, file);
  if (untold !== null) return untold;
  noteUpperFile(context, file);
  const at = offset ?? file.position;
  const data = dataOf(file.inode);
  const bytes = data.content.bytes(at, at + size);
  if (bytes !== '') noteReading(data);
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
  { appends = false, syncs = false }: { readonly appends?: boolean; readonly syncs?: boolean } = {},
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
  const guarded = whyGuarded(context, upper);
  if (guarded !== null) return guarded;
  const kept = dropToWrite(context, file.inode);
  if (kept !== null) return kept;
  const untold = whyUntold(context, file);
  if (untold !== null) return untold;
  dropAsMounter(context, upper);
  const isAppend = appends || file.flags.has('O_APPEND');
  const at = isAppend ? upper.content.length : (offset ?? file.position);
  const { fs } = context.world;
  touchMtime(fs, upper);
  const count = endOfRoom(fs, upper, at, at + bytes.length) - at;
  if (count < bytes.length) context.rule('room/short-write');
  if (count === 0) return fail('ENOSPC');
  writeContent(upper, at, bytes.slice(0, count));
  const told = syncWritten(context, file, isInRange(at, count), { syncs });
  if (told !== null) return told;
  if (offset === null) file.position = at + count;
  return succeed(count);
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
  if (file.inode.type === 'dir') {
    file.names = namesNow(file.inode);
    return seekDir(file, offset, whence);
  }
  const isOwnBusiness = offset === 0 && (whence === 'SEEK_SET' || whence === 'SEEK_CUR');
  const untold = isOwnBusiness ? null : whyUntold(context, file);
  if (untold !== null) return untold;
  const top = dataOf(file.inode);
  if (whence === 'SEEK_DATA' || whence === 'SEEK_HOLE') {
    if ((top.hasReserved || top.readsAhead) && offset >= 0 && offset < top.content.length) {
      context.world.isOrderOpen = true;
      return { ok: true, value: null, unless: ['ENXIO'] };
    }
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

export function truncatePath(context: Context, target: Target, size: number): Prediction<null> {
  const { dentry, inode } = target;
  if (inode.upper === null) context.rule('copy-up/truncate');
  const asked = askedOf(inode);
  const fixed = asked === null ? null : dropCapabilityFirst(context, target);
  if (fixed !== null) return fixed;
  const upper = copyUp(context, dentry, { wantsData: true });
  if (!upper.ok) return upper;
  const kept = whyPrivilegesKept(context, upper.value, asked);
  if (kept !== null) return kept;
  noteChange(context, inode);
  truncateReal(context, upper.value, size, asked);
  return succeed(null);
}

/** truncate(2): without a change of size, what changes is the file system's to say. */
export function truncateReal(
  context: Context,
  real: RealInode,
  size: number,
  asked: Known | null = real,
): void {
  const { content, pages } = real;
  const { sameSize } = profileOf(real);
  const isEmpty = content.length === 0 && pages.size === 0;
  if (sameSize === 'mode unless empty' && isEmpty && size === 0) {
    if (asked !== null) dropCapability(context, real);
    return;
  }
  const isStamped =
    sameSize === 'mode and times' || (sameSize === 'mode, times with pages' && pages.size > 0);
  setSize(context, real, size, asked, { isTimed: content.length !== size || isStamped });
}

export function truncateOpenFile(context: Context, fd: number, size: number): Prediction<null> {
  if (size < 0) return fail('EINVAL');
  const file = usableFile(context, fd);
  if (!file.ok) return file;
  const { inode, canWrite } = file.value;
  if (inode.type !== 'file' || !canWrite) return fail('EINVAL');
  if (isAppendOnly(inode)) return fail('EPERM');
  const guarded = whyGuarded(context, topOf(inode));
  if (guarded !== null) return guarded;
  const asked = askedOf(inode);
  const kept = whyPrivilegesKept(context, topOf(inode), asked);
  if (kept !== null) return kept;
  noteChange(context, inode);
  setSize(context, topOf(inode), size, asked, { isTimed: true });
  return succeed(null);
}

function setSize(
  context: Context,
  upper: RealInode,
  size: number,
  asked: Known | null,
  { isTimed }: { readonly isTimed: boolean },
): void {
  if (asked !== null) dropCapability(context, upper);
  const { ctime, mode } = upper;
  if (asked !== null) dropSetId(context, upper, asked);
  resizeMapped(context.world, upper, size);
  if (size < upper.content.length) {
    unmapBehind(context.world, upper, size);
    cutFolios(upper, size);
  }
  resizeContent(upper, size);
  if (isTimed) touchMtime(context.world.fs, upper);
  // A new mode is written to the access control list, and that is stamped.
  else if (upper.mode === mode || aclOf(upper, ACCESS_ACL) === null) upper.ctime = ctime;
}
