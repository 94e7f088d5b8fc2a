import { profileOf } from '../bases.ts';
import { handleBytesOf, PLAIN_HANDLE_BYTES } from '../handle.ts';
import { indexName } from '../disk-names.ts';
import { isWhiteout } from '../layer.ts';
import type { HandleView } from '../observation.ts';
import type { Context, Damage } from '../ops/op.ts';
import { isRoot } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { anyAlias, isAliasOpen } from './alias.ts';
import { forgetUnused } from './evict.ts';
import { connectedDentry, layerOf, upperOf } from './connect.ts';
import { effectOf, HANDLE_BYTES_MAX, isOfAnother, saysNoRoom } from './damage.ts';
import { isUnread, spoilsUpperBits, spoilsUserFlags } from './damage.ts';
import { withDataBelow } from './data-by-origin.ts';
import { instantiate } from './inode.ts';
import type { Parts } from './inode.ts';
import { inodeOf, newDentry } from './namei.ts';
import { hasUsualUuid, originInoOf } from './xattrs.ts';

const STALE = fail('ESTALE');

/** A file that was found by its handle: no name led to it. */
const NOWHERE: Parts = {
  upper: null,
  lowers: [],
  dataPath: null,
  redirect: null,
  isUpperMetacopy: false,
  isIndexed: false,
};

/** Whether a handle may have become that of any other object, which is not predicted. */
export function mayNameAnother(
  { world, semantics, caller }: Context,
  handle: HandleView | null,
  damage: Damage,
): boolean {
  const real = world.fs.byIno.get(handle?.ino ?? 0);
  if (real === undefined || !isRoot(caller) || !world.overlay.config.nfsExport) return false;
  return isOfAnother(damage, profileOf(real).handles(semantics));
}

/** What becomes of a handle that is none, whatever is in it. */
export function whyNotDecoded({ caller, semantics, rule }: Context, body: string): Failure {
  const isAskedFirst = semantics.behaviour.openHandlePrivilege === 'asked first';
  if (isAskedFirst && !isRoot(caller)) return fail('EPERM');
  if (body === '' || body.length > HANDLE_BYTES_MAX) return fail('EINVAL');
  if (!isRoot(caller)) return fail('EPERM');
  rule('handle/malformed');
  return STALE;
}

/** open_by_handle_at(2) up to where the object is found. */
export function decodeHandle(
  context: Context,
  handle: HandleView | null,
  damage: Damage,
): Prediction<Target> {
  const { caller, semantics } = context;
  const isAskedFirst = semantics.behaviour.openHandlePrivilege === 'asked first';
  if (isAskedFirst && !isRoot(caller)) return fail('EPERM');
  const real = context.world.fs.byIno.get(handle?.ino ?? 0);
  const handles = real === undefined ? null : profileOf(real).handles(semantics);
  const ownBytes = real === undefined ? 0 : handleBytesOf(real, semantics);
  const bytes = handle?.isPlain === true ? PLAIN_HANDLE_BYTES : ownBytes;
  const effect = effectOf(damage, bytes, handles);
  if (effect === 'invalid') return fail('EINVAL');
  const knowsUserFlags = semantics.features.has('handle-connectable');
  if (knowsUserFlags && spoilsUserFlags(damage)) return fail('EINVAL');
  if (!isRoot(caller)) return fail('EPERM');
  if (effect === 'unknown' || handle === null) {
    context.rule('handle/malformed');
    if (saysNoRoom(damage, handles)) context.rule('handle/shorter-than-head');
    if (spoilsUpperBits(damage, handles)) context.rule('handle/upper-bits-of-number');
    return STALE;
  }
  if (!context.world.overlay.config.nfsExport) {
    context.rule('handle/needs-nfs-export');
    return STALE;
  }
  return objectOf(context, handle, { isExact: !isUnread(damage, bytes, handles) });
}

/** One that is not exact leads to its object, and to none in the index, which has it by name. */
interface Exactness {
  readonly isExact: boolean;
}

function objectOf(context: Context, handle: HandleView, how: Exactness): Prediction<Target> {
  const { world } = context;
  const { ino, isUpper } = handle;
  forgetUnused(world);
  if (!hasUsualUuid(world, ino, handle)) {
    context.rule('uuid/handles-without');
    return STALE;
  }
  const real = world.fs.byIno.get(ino);
  if (real === undefined || !isAlive(context, real)) {
    context.rule('handle/stale');
    return STALE;
  }
  if (!isUpper) return objectOfLower(context, real, how);
  if (real.type !== 'dir') return disconnected(context, { ...NOWHERE, upper: real });
  // The directory may be in a lower layer by now.
  return layerOf(world.overlay, real) === 0 ? connected(context, real) : STALE;
}

/** An upper file without a name lives as long as it is open, a directory does not. */
function isAlive({ world }: Context, real: RealInode): boolean {
  if (real.nlink > 0) return true;
  if (real.type === 'dir') return false;
  return [...world.overlay.inodes.values()].some(({ upper }) => upper === real);
}

function objectOfLower(
  context: Context,
  lower: RealInode,
  { isExact }: Exactness,
): Prediction<Target> {
  const { world } = context;
  const cached = world.overlay.inodes.get(lower);
  const alias = cached === undefined ? null : anyAlias(world, cached);
  if (cached !== undefined && alias !== null) {
    context.rule('handle/of-cached');
    if (isAliasOpen(world, cached)) world.isOrderOpen = true;
    if (cached.lowers[0] !== lower) return STALE;
    return succeed({ dentry: alias, inode: cached });
  }
  const entry = isExact ? world.overlay.index?.entries.get(indexName(lower.ino)) : undefined;
  if (isWhiteout(entry)) {
    context.rule('handle/stale');
    return STALE;
  }
  if (entry?.type === 'dir') {
    const upper = upperOf(context, lower);
    if (!upper.ok || upper.value === null) return STALE;
    return connected(context, upper.value);
  }
  const { root } = world.overlay;
  if (root.inode?.upper === null && root.inode.lowers.includes(lower)) {
    context.rule('handle/root-of-lowers');
    return STALE;
  }
  if (lower.type === 'dir') return connected(context, lower);
  if (entry !== undefined && originInoOf(world, entry) !== lower.ino) return STALE;
  return disconnected(context, {
    ...NOWHERE,
    upper: entry ?? null,
    lowers: [lower],
    isIndexed: entry !== undefined,
  });
}

function connected(context: Context, real: RealInode): Prediction<Target> {
  context.rule('handle/connected');
  const found = connectedDentry(context, real);
  return found.ok ? succeed({ dentry: found.value, inode: inodeOf(found.value) }) : STALE;
}

/** A file is opened wherever it is: by a name that is cached, or else by none. */
function disconnected(context: Context, real: Parts): Prediction<Target> {
  const parts = withDataBelow(context, real);
  const made = parts.ok ? instantiate(context, parts.value) : parts;
  if (!made.ok) return STALE;
  const inode = made.value;
  const alias = anyAlias(context.world, inode);
  if (alias !== null) return succeed({ dentry: alias, inode });
  context.rule('handle/disconnected');
  const dentry = newDentry(null, '', inode, { isDisconnected: true });
  dentry.hasUpperAlias = !real.isIndexed && real.upper !== null;
  return succeed({ dentry, inode });
}
