import { BOUND } from '../flags.ts';
import type { NfsVersion } from '../flags.ts';
import { installFile } from '../open-file.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { HandleView } from '../observation.ts';
import type { OpenFile, OvlDentry, World } from '../state.ts';
import { resolve } from '../walk.ts';
import type { Target } from '../walk.ts';
import { decodeHandle } from './decode.ts';
import { encodeHandleOf } from './export.ts';
import { inodeOf } from './namei.ts';
import { openExisting, openModeOf } from './open.ts';

/** The file handles of NFS have room for any of an overlay. */
const HANDLE_BYTES = 128;
/** Behind the slots of scenarios: what the server opens for one call. */
const SLOT = BOUND.slots;

/** An NFS server that exports the overlay, and a client of it. */
export interface Nfs {
  readonly version: NfsVersion;
  /** The server refused the overlay, so that there is nothing to mount. */
  readonly isRefused: boolean;
  /** What the server keeps open for the client, by the slots of that. */
  readonly served: (OpenFile | null)[];
}

/** What a client has open. */
export interface NfsFile {
  readonly handle: HandleView;
  readonly type: Target['inode']['type'];
}

export function mountNfs(context: Context, version: NfsVersion): Prediction<null> {
  const { world, rule, caller } = context;
  if (caller.uid !== 0) world.isOrderOpen = true;
  stopNfs(world);
  world.outside.fill(null);
  const isRefused = !world.overlay.config.nfsExport;
  world.nfs = { version, isRefused, served: world.outside.map(() => null) };
  rule('nfs/needs-nfs-export');
  return isRefused ? fail('EINVAL') : succeed(null);
}

/** Before the overlay is unmounted, which the server would keep busy. */
export function stopNfs(world: World): void {
  if (world.nfs === null) return;
  world.outside.fill(null);
  world.nfs = null;
}

/** open(2) by the client, which looks every name up and gets a handle of each. */
export function openByNfs(
  context: Context,
  slot: number,
  path: string,
  canWrite: boolean,
): Prediction<Target & { readonly nfs: NfsFile }> {
  const { world } = context;
  if (world.nfs === null || world.nfs.isRefused) return nothingThere(context, path);
  const found = resolve(context, path, { follow: false });
  if (!found.ok) return found;
  const { type } = found.value.inode;
  if (type === 'symlink') return fail('ELOOP');
  if (type === 'dir' && canWrite) return fail('EISDIR');
  const handle = handleOf(context, found.value);
  if (handle === null) return notPredicted(context, 'EIO');
  const isProtected = found.value.inode.protection.size > 0;
  if ((type !== 'dir' && type !== 'file') || isProtected) return notPredicted(context, 'EPERM');
  if (world.nfs.version !== 'nfs3' && type === 'file') {
    context.rule('nfs/server-keeps-open');
    const mode = openModeOf([canWrite ? 'O_RDWR' : 'O_RDONLY']);
    const opened = openExisting(context, found.value, mode);
    if (!opened.ok) return opened;
    world.nfs.served[slot] = opened.value;
  }
  return succeed({ ...found.value, nfs: { handle, type } });
}

/** The mount point of a client that could not mount anything, or was not asked to. */
function nothingThere(context: Context, path: string): Failure {
  if (path === '.') context.world.isOrderOpen = true;
  return fail('ENOENT');
}

function notPredicted(context: Context, errno: 'EIO' | 'EPERM'): Failure {
  context.world.isOrderOpen = true;
  return fail(errno);
}

/** The handle of an object, once there is one of each directory that leads there. */
function handleOf(context: Context, { dentry }: Target): HandleView | null {
  const way: OvlDentry[] = [];
  for (let at = dentry; at.parent !== null; at = at.parent) way.unshift(at);
  let handle: HandleView = { ino: 0, isUpper: false, isConnectable: false };
  for (const at of way) {
    const encoded = encodeHandleOf(context, { dentry: at, inode: inodeOf(at) }, [], HANDLE_BYTES);
    if (!encoded.ok) return null;
    handle = encoded.value;
  }
  return handle;
}

/** A call of the client on what it has open: the server finds that by its handle each time. */
export function callByNfs<T>(
  context: Context,
  slot: number,
  { handle, flag }: { readonly handle: HandleView; readonly flag: 'O_RDONLY' | 'O_WRONLY' },
  call: (fd: number) => Prediction<T>,
): Prediction<T> {
  const { world, rule } = context;
  rule('nfs/by-handle');
  const decoded = decodeHandle(context, handle, 'none');
  if (!decoded.ok) return decoded;
  const kept = world.nfs?.served[slot];
  const opened =
    kept == null ? openExisting(context, decoded.value, openModeOf([flag])) : succeed(kept);
  if (!opened.ok) return opened;
  installFile(world, SLOT, opened.value);
  const result = call(SLOT);
  world.slots.length = BOUND.slots;
  return result;
}
