import { hasHandles } from '../bases.ts';
import { handleBytesOf, PLAIN_HANDLE_BYTES, sayRoom } from '../handle.ts';
import type { HandleFlag } from '../flags.ts';
import type { HandleView } from '../observation.ts';
import type { Context } from '../ops/op.ts';
import { fail, failTelling, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { OvlDentry, OvlInode, RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { copyUp } from './copy-up.ts';
import { HANDLE_BYTES_MAX } from './damage.ts';
import { layerOf } from './connect.ts';
import { remapped, statOf } from './inode.ts';
import { inodeOf } from './namei.ts';
import { hasNoUpper } from './read-only.ts';
import { uuidOf } from './xattrs.ts';

const HANDLE_WORD_BYTES = 4;

/** Flags that a kernel does not know, or that exclude each other, are refused before anything. */
export function whyBadHandleFlags(
  { semantics }: Context,
  flags: readonly HandleFlag[],
  { isEmptyPath }: { readonly isEmptyPath: boolean },
): Failure | null {
  const wantsFid = flags.includes('AT_HANDLE_FID');
  const wantsPath = flags.includes('AT_HANDLE_CONNECTABLE');
  if (wantsFid && !semantics.features.has('handle-fid')) return fail('EINVAL');
  if (wantsPath && !semantics.features.has('handle-connectable')) return fail('EINVAL');
  return wantsPath && (wantsFid || isEmptyPath) ? fail('EINVAL') : null;
}

/** name_to_handle_at(2) of an object, with room for so many bytes. */
export function encodeHandleOf(
  context: Context,
  target: Target,
  flags: readonly HandleFlag[],
  size: number,
): Prediction<HandleView> {
  const { config, marks } = context.world.overlay;
  const isFid = flags.includes('AT_HANDLE_FID');
  if (!config.nfsExport && !isFid) {
    context.rule('handle/needs-nfs-export');
    return fail('EOPNOTSUPP');
  }
  if (size > HANDLE_BYTES_MAX) return fail('EINVAL');
  if (!hasOwnHandles(context)) return plainHandleOf(context, target, size);
  const isConnectable = flags.includes('AT_HANDLE_CONNECTABLE');
  // Only of a directory the path can be found again.
  if (isConnectable && target.inode.type !== 'dir') return overflow(context, wordsOf(size));
  const encoded = encodedOf(context, target);
  if (!encoded.ok) return overflow(context, wordsOf(size));
  const { real, isUpper } = encoded.value;
  const bytes = handleBytesOf(real, context.semantics);
  if (size < bytes) return overflow(context, bytes);
  return succeed({ ino: real.ino, isUpper, isConnectable, ...uuidOf(marks, real) });
}

/** What is asked for the size alone tells it by failing. */
function overflow({ rule }: Context, bytes: number): Failure {
  rule('handle/room-told');
  return failTelling('EOVERFLOW', sayRoom(bytes));
}

/** Where there is no handle the room that there was is told again, in whole words. */
function wordsOf(size: number): number {
  return size - (size % HANDLE_WORD_BYTES);
}

/** All layers have handles that the overlay could decode. */
function hasOwnHandles({ world: { overlay }, semantics, rule }: Context): boolean {
  if (!overlay.mounter.isPrivileged) {
    rule('userns/plain-handles');
    return false;
  }
  const { upper, lowers, dataLayers } = overlay;
  const roots = [...(upper === null ? [] : [upper]), ...lowers, ...dataLayers];
  const all = roots.every((root) => hasHandles(root, semantics));
  if (!all) rule('handle/number-of-vfs');
  return all;
}

/** The number that the VFS has for an overlay inode, as there is nothing better. */
function plainHandleOf(
  context: Context,
  { dentry, inode }: Target,
  size: number,
): Prediction<HandleView> {
  if (size < PLAIN_HANDLE_BYTES) return overflow(context, PLAIN_HANDLE_BYTES);
  const ino = numberOf(context, dentry, inode);
  return succeed({ ino, isUpper: false, isPlain: true, isConnectable: false });
}

/** What the VFS calls the inode: the number of what it was found by, hidden by now or not. */
function numberOf(context: Context, dentry: OvlDentry, inode: OvlInode): number {
  if (inode.type === 'dir' || inode.numberedBy === null) return statOf(context, dentry, inode).ino;
  return remapped(context.world.overlay, inode.numberedBy.ino);
}

/** The real object that a handle names: the lower one as long as that can be traced back. */
function encodedOf(
  context: Context,
  { dentry, inode }: Target,
): Prediction<{ readonly real: RealInode; readonly isUpper: boolean }> {
  const { overlay } = context.world;
  const { upper } = inode;
  const [lower] = inode.lowers;
  const isRoot = inode === overlay.root.inode;
  const isUntraceable = overlay.config.nfsExport && !inode.isIndexed;
  if (upper !== null && (lower === undefined || isRoot || isUntraceable)) {
    context.rule('handle/of-upper');
    return succeed({ real: upper, isUpper: true });
  }
  if (lower === undefined) throw new Error('an overlay inode without a real one');
  context.rule('handle/of-lower');
  if (overlay.config.nfsExport && inode.type === 'dir' && !hasNoUpper(overlay)) {
    const connected = connect(context, dentry, lower);
    if (!connected.ok) return connected;
  }
  return succeed({ real: lower, isUpper: false });
}

/**
 * Sees to it that a lower directory can be found again by its handle, even if a directory above it
 * moves: where the lower layer does not lead back to the path, a directory is copied up.
 */
function connect(context: Context, dentry: OvlDentry, lower: RealInode): Prediction<null> {
  const { overlay } = context.world;
  const origin = layerOf(overlay, lower);
  if (dentry.isConnected) return succeed(null);
  for (let next = dentry; next.parent !== null; next = next.parent) {
    const { parent } = next;
    if (connectableLayer(context, parent) < origin) {
      context.rule('handle/copies-up-to-connect');
      const copied = inodeOf(next).upper === null ? copyUp(context, next) : null;
      if (copied?.ok === false) return copied;
      break;
    }
    if (parent.isConnected || inodeOf(parent).isIndexed) break;
  }
  dentry.isConnected = true;
  return succeed(null);
}

/** The lowest layer from which the directory can be found. */
function connectableLayer({ world: { overlay } }: Context, dentry: OvlDentry): number {
  const inode = inodeOf(dentry);
  if (dentry === overlay.root) return overlay.lowers.length;
  if (inode.upper !== null && !inode.isIndexed) return 0;
  const [lower] = inode.lowers;
  return lower === undefined ? 0 : layerOf(overlay, lower);
}
