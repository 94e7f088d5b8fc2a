import { profileOf } from '../bases.ts';
import { PAGE_BYTES } from '../flags.ts';
import { noteFolios } from '../folios.ts';
import { seekData, writeContent } from '../content.ts';
import { isUnreadable, touchMtime } from '../layer.ts';
import { readBySplicing } from '../memory.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { endOfRoom } from '../room.ts';
import type { OvlInode, RealInode } from '../state.ts';
import { mayShare, shareableBytes, shareRange } from '../clone.ts';
import { keepSize } from './known.ts';
import { dataOf } from './inode.ts';
import { syncsAtEnd, whyCopyNotSynced } from './sync.ts';
import { isMetacopyFile, removeMetacopy } from './xattrs.ts';

const CAPABILITY = 'security.capability';

/** How much is copied at a time. */
const CHUNK_BYTES = 1_048_576;

/** What is copied: each chunk from where the next data is, holes in it included. */
function chunksOf(data: RealInode, size: number): readonly (readonly [from: number, to: number])[] {
  const chunks: [number, number][] = [];
  let from = seekData(data, 0, 'data');
  while (from !== null && from < size) {
    const to = Math.min(from + CHUNK_BYTES, size);
    chunks.push([from, to]);
    from = seekData(data, to, 'data');
  }
  return chunks;
}

/**
 * Copies the data in chunks: a hole in front of one stays a hole, those in it do not. Says whether
 * anything was written, or why not all of it.
 */
export function copyContent(
  context: Context,
  data: RealInode,
  size: number,
  upper: RealInode,
): Prediction<boolean> {
  const shares = mayShare(data, upper) && profileOf(upper).sharesWithCopies(context.semantics);
  if (size > 0 && shares && shareableBytes(data, 0, upper, 0, size) === size) {
    context.rule('copy-up/shares-blocks');
    shareRange(data, 0, upper, 0, size);
    return succeed(true);
  }
  const first = seekData(data, 0, 'data');
  if (first === null || first === size || size === 0) return succeed(false);
  if (first > size) {
    // Having jumped over the end, the copy goes on to that of the data.
    writeContent(upper, first, data.content.slice(first));
    return succeed(true);
  }
  const unread = readToCopy(context, data, size);
  if (unread !== null) return unread;
  for (const [from, to] of chunksOf(data, size)) {
    const end = endOfRoom(context.world.fs, upper, from, to);
    writeContent(upper, from, data.content.slice(from, end));
    noteFolios(context, upper, from, end);
    if (end === to) continue;
    context.rule('room/copy-up-without-data');
    return fail('ENOSPC');
  }
  return succeed(true);
}

/** What the kernel's reading of the data does to the file that is copied. */
export function readToCopy(context: Context, data: RealInode, size: number): Failure | null {
  const chunks = chunksOf(data, size);
  const isRead = chunks.every(([from, to]) => readBySplicing(context, data, from, to) === to);
  return isRead ? null : fail('ENOSPC');
}

/**
 * A file of one size with data of another, made by hand: when all data lies behind the size, the
 * copy loses its way.
 */
export function whyDataNotFound(
  { semantics, rule, world }: Context,
  inode: OvlInode,
  { truncate = false }: { readonly truncate?: boolean },
): Failure | null {
  const size = truncate ? 0 : (inode.lowers[0]?.content.length ?? 0);
  const first = seekData(dataOf(inode), 0, 'data');
  if (size === 0 || first === null || first <= size) return null;
  if (semantics.behaviour.dataBehindSize === 'is copied') return null;
  const isShared = mayShare(dataOf(inode), world.fs.root) && size % PAGE_BYTES === 0;
  if (isShared) return null;
  rule('metacopy/data-behind-size');
  return fail('EIO');
}

/** Brings the data to a file of which upper has the attributes only. */
export function copyUpData(
  context: Context,
  inode: OvlInode,
  upper: RealInode,
  { truncate = false }: { readonly truncate?: boolean },
): Prediction<RealInode> {
  const { fs } = context.world;
  const size = truncate ? 0 : (inode.lowers[0]?.content.length ?? 0);
  const capability = upper.xattrs.get(CAPABILITY);
  // Writing takes the capability away, so it is read before and put back after.
  if (size > 0 && isUnreadable(capability)) return fail(capability.unreadable);
  const why = whyDataNotFound(context, inode, { truncate });
  if (why !== null) return why;
  context.rule('metacopy/data-copy-up');
  const { length: bytes } = upper.content;
  const copied = copyContent(context, dataOf(inode), size, upper);
  if (!copied.ok || copied.value) touchMtime(fs, upper);
  if (!copied.ok) return copied;
  const unsynced = size === 0 ? null : whyDataNotSynced(context, upper);
  if (unsynced !== null) return unsynced;
  // Another name of the upper file, with a lower file of its own, had the data brought before.
  if (!isMetacopyFile(context.world.overlay.marks, upper)) return fail('ENODATA');
  removeMetacopy(context.world, upper);
  inode.hasUpperData = true;
  if (upper.content.length !== bytes) keepSize(inode, upper, bytes);
  return succeed(upper);
}

/** What is left to a sync at the end of the copy-up, which was that of the attributes. */
function whyDataNotSynced(context: Context, upper: RealInode): Failure | null {
  if (!syncsAtEnd(context)) return whyCopyNotSynced(context, upper);
  context.rule('metacopy/data-not-synced');
  return null;
}
