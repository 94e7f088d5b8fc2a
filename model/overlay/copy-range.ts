import { mayShare, shareableBytes, shareRange, writeBackToShare } from '../clone.ts';
import { PAGE_BYTES } from '../flags.ts';
import { noteFolios } from '../folios.ts';
import { fsOfIno } from '../ino.ts';
import { writeContent } from '../content.ts';
import { isInRange } from '../faults.ts';
import { touchMtime } from '../layer.ts';
import { readBySplicing, unmapHole } from '../memory.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { endOfRoom } from '../room.ts';
import type { OpenFile, RealInode } from '../state.ts';
import { dropAsMounter, dropToWrite } from './privileges.ts';
import { usableFile } from './file.ts';
import { whyFixed } from './flags.ts';
import { dataOf, topOf } from './inode.ts';
import { knownSize } from './known.ts';
import { isImmutable } from './protection.ts';
import { syncWritten } from './sync.ts';
import { whyUntold } from './told.ts';

/** A place in an open file: an offset, or null for the file's own position. */
export interface FilePlace {
  readonly fd: number;
  readonly offset: number | null;
}

/** copy_file_range(2): both ends are the real files of now, and a hole arrives as zeros. */
export function copyRange(
  context: Context,
  from: FilePlace,
  to: FilePlace,
  size: number,
): Prediction<number> {
  const source = usableFile(context, from.fd);
  if (!source.ok) return source;
  const target = usableFile(context, to.fd);
  if (!target.ok) return target;
  const why = whyNotCopied(source.value, target.value);
  if (why !== null) return why;
  if (isImmutable(target.value.inode)) return fail('EPERM');
  const at = from.offset ?? source.value.position;
  const toAt = to.offset ?? target.value.position;
  if ([at, toAt].some((offset) => offset < 0 && offset + size >= 0)) return fail('EOVERFLOW');
  if (at < 0 || toAt < 0) return fail('EINVAL');
  const count = Math.max(0, Math.min(size, knownSize(source.value.inode) - at));
  const overlaps = toAt + count > at && toAt < at + count;
  if (source.value.inode === target.value.inode && overlaps) return fail('EINVAL');
  const bytes = dataOf(source.value.inode).content.bytes(at, at + count);
  const { length } = bytes;
  if (length === 0) return succeed(0);
  context.rule('copy-range/real-files');
  const upper = topOf(target.value.inode);
  const kept = dropToWrite(context, target.value.inode);
  if (kept !== null) return kept;
  const untold = whyUntold(context, target.value) ?? whyUntold(context, source.value);
  if (untold !== null) return untold;
  if (!isOnOneFs(source.value, target.value)) return fail('EXDEV');
  const fixed = whyFixed(context, upper);
  if (fixed !== null) return fixed;
  const data = dataOf(source.value.inode);
  if (data === upper && toAt + length > at && toAt < at + length) return fail('EINVAL');
  dropAsMounter(context, upper);
  const { copied, isWritten } = copyBytes(context, data, at, upper, toAt, bytes);
  touchMtime(context.world.fs, upper);
  if (copied === 0) return fail('ENOSPC');
  const isInCopy = isInRange(toAt, copied);
  const told = isWritten ? syncWritten(context, target.value, isInCopy, { syncs: false }) : null;
  if (told !== null) return told;
  if (from.offset === null) source.value.position = at + copied;
  if (to.offset === null) target.value.position = toAt + copied;
  return succeed(copied);
}

/**
 * Says how many were copied, and whether they were written: blocks are shared first, where that can
 * be, and the rest is left.
 */
function copyBytes(
  context: Context,
  source: RealInode,
  at: number,
  upper: RealInode,
  toAt: number,
  bytes: string,
): { readonly copied: number; readonly isWritten: boolean } {
  const { length } = bytes;
  const isShareable = mayShare(source, upper);
  if (isShareable) writeBackToShare(context.world, source, at, upper, toAt, length);
  const shared = isShareable ? shareableBytes(source, at, upper, toAt, length) : null;
  if (shared === null) {
    const read = readBySplicing(context, source, at, at + length) - at;
    const count = endOfRoom(context.world.fs, upper, toAt, toAt + read) - toAt;
    if (count < length) context.rule('room/short-write');
    const isNew = toAt >= upper.content.length;
    writeContent(upper, toAt, bytes.slice(0, count));
    noteFolios(context, upper, toAt, toAt + count);
    if (!isNew && upper.folios !== undefined) upper.folios.areDoubtful = true;
    return { copied: count, isWritten: true };
  }
  context.rule('copy-range/shares-blocks');
  shareRange(source, at, upper, toAt, shared);
  return { copied: shared, isWritten: false };
}

/** FICLONE, which few file systems have: the overlay has dropped privileges by then. */
export function cloneFile(context: Context, fd: number, from: number): Prediction<null> {
  const target = usableFile(context, fd);
  if (!target.ok) return target;
  const source = usableFile(context, from);
  if (!source.ok) return source;
  const why = whyNotCopied(source.value, target.value);
  if (why !== null) return why;
  context.rule('clone/drops-privileges-first');
  const upper = topOf(target.value.inode);
  const kept = dropToWrite(context, target.value.inode);
  if (kept !== null) return kept;
  const untold = whyUntold(context, target.value) ?? whyUntold(context, source.value);
  if (untold !== null) return untold;
  if (!isOnOneFs(source.value, target.value)) return fail('EXDEV');
  const data = dataOf(source.value.inode);
  if (!mayShare(data, upper)) return fail('EOPNOTSUPP');
  const fixed = whyFixed(context, upper);
  if (fixed !== null) return fixed;
  const { length } = data.content;
  if (length === 0) return succeed(null);
  writeBackToShare(context.world, data, 0, upper, 0, length);
  if (data === upper || shareableBytes(data, 0, upper, 0, length) !== length) return fail('EINVAL');
  context.rule('clone/shares-blocks');
  dropAsMounter(context, upper);
  unmapHole(context.world, upper, 0, Math.ceil(length / PAGE_BYTES) * PAGE_BYTES);
  shareRange(data, 0, upper, 0, length);
  touchMtime(context.world.fs, upper);
  return succeed(null);
}

function isOnOneFs(a: OpenFile, b: OpenFile): boolean {
  return fsOfIno(dataOf(a.inode).ino) === fsOfIno(dataOf(b.inode).ino);
}

function whyNotCopied(source: OpenFile, target: OpenFile): Failure | null {
  const types = [source.inode.type, target.inode.type];
  if (types.includes('dir')) return fail('EISDIR');
  if (types.some((type) => type !== 'file')) return fail('EINVAL');
  const mayCopy = source.canRead && target.canWrite && !target.flags.has('O_APPEND');
  return mayCopy ? null : fail('EBADF');
}
