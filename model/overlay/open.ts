import { profileOf } from '../bases.ts';
import type { OpenFlag } from '../flags.ts';
import { resizeContent } from '../content.ts';
import { cutFolios } from '../folios.ts';
import { fsOfIno } from '../ino.ts';
import { touchMtime } from '../layer.ts';
import { unmapBehind } from '../memory.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, MAY_READ, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { OpenFile, OvlInode } from '../state.ts';
import type { Target } from '../walk.ts';
import { askedOf, dropPrivileges, whyPrivilegesKept } from './privileges.ts';
import { copyUp } from './copy-up.ts';
import { whyDataMissing } from './data-layers.ts';
import { dataOf, namesNow, topOf } from './inode.ts';
import { knownOf, noteChange } from './known.ts';
import { whyReadOnly } from './read-only.ts';
import { isRunning } from './running.ts';
import { isAppendOnly, whyNotPermitted } from './protection.ts';

/** The flags of open(2), read once. */
export interface OpenMode {
  readonly flags: ReadonlySet<OpenFlag>;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly truncates: boolean;
  /** No symlink on the way is followed: RESOLVE_NO_SYMLINKS. */
  readonly noSymlinks: boolean;
}

export function openModeOf(names: readonly OpenFlag[]): OpenMode {
  const flags = new Set(names);
  const isPath = flags.has('O_PATH');
  const writesOnly = flags.has('O_WRONLY');
  return {
    flags,
    canRead: !isPath && !writesOnly,
    canWrite: !isPath && (writesOnly || flags.has('O_RDWR')),
    truncates: !isPath && flags.has('O_TRUNC'),
    noSymlinks: false,
  };
}

export function newOpenFile({ dentry, inode }: Target, mode: OpenMode): OpenFile {
  return {
    dentry,
    inode,
    flags: mode.flags,
    canRead: mode.canRead,
    canWrite: mode.canWrite,
    isPath: mode.flags.has('O_PATH'),
    real: dataOf(inode),
    flock: null,
    locks: [],
    position: 0,
    names: namesNow(inode),
    listing: null,
    cache: null,
  };
}

/** Opens an object that exists: permission, copy-up for writing, truncation. */
export function openExisting(
  context: Context,
  target: Target,
  mode: OpenMode,
): Prediction<OpenFile> {
  const why = whyNotOpen(context, target.inode, mode);
  if (why !== null) return why;
  const { dentry, inode } = target;
  if (breaksLease(context, inode, mode)) return fail('EAGAIN');
  const missing = whyDataMissing(context, inode);
  if (missing !== null) return missing;
  if (inode.type === 'file' && (mode.canWrite || mode.truncates)) {
    if (inode.upper === null) context.rule('open/copy-up-for-write');
    if (mode.truncates) context.rule('open/truncate-copies-no-data');
    const upper = copyUp(context, dentry, { wantsData: true, truncate: mode.truncates });
    if (!upper.ok) return upper;
    if (!mayBeDirect(context, inode, mode)) return fail('EINVAL');
    if (isRunning(context, inode)) {
      // By then the copy is there, and it was made without data.
      if (!mode.canWrite) context.rule('exec/truncation-copies-up');
      return fail('ETXTBSY');
    }
    const kept = mode.truncates ? truncateOpened(context, inode) : null;
    if (kept !== null) return kept;
  }
  if (!mayBeDirect(context, inode, mode)) return fail('EINVAL');
  return succeed(newOpenFile(target, mode));
}

/** A lease is broken, or found in the way, before overlayfs is asked to open anything. */
function breaksLease({ world, rule }: Context, inode: OvlInode, { canWrite }: OpenMode): boolean {
  const { lease } = world;
  if (lease?.inode !== inode || (lease.isForReading && !canWrite)) return false;
  rule('lease/before-copy-up');
  return true;
}

/** The real file is asked last. */
export function mayBeDirect(
  { semantics, rule }: Context,
  inode: OvlInode,
  { flags }: OpenMode,
): boolean {
  if (!flags.has('O_DIRECT')) return true;
  rule('open/direct');
  return inode.type === 'file' && profileOf(dataOf(inode)).takesDirect(semantics);
}

function whyNotOpen(context: Context, inode: OvlInode, mode: OpenMode): Failure | null {
  const { world, semantics, caller, rule } = context;
  const { canRead, canWrite, truncates, flags } = mode;
  const top = topOf(inode);
  const changes = canWrite || truncates;
  if (top.type === 'symlink') return fail('ELOOP');
  if (top.type === 'dir' && changes) return fail('EISDIR');
  if (top.type === 'chr' || top.type === 'blk') return fail('EACCES');
  const readOnly = changes && top.type !== 'fifo' ? whyReadOnly(context) : null;
  if (readOnly !== null) return readOnly;
  const truncatesFile = truncates && top.type !== 'fifo' && top.type !== 'sock';
  // O_TRUNC asks for write permission even where nothing is truncated.
  const mask = (canRead ? MAY_READ : 0) | (canWrite || truncates || truncatesFile ? MAY_WRITE : 0);
  const why = whyNotPermitted(inode, caller, mask);
  if (why !== null) return why;
  if (isAppendOnly(inode) && (truncatesFile || (canWrite && !flags.has('O_APPEND')))) {
    rule('flags/append-only');
    return fail('EPERM');
  }
  if (flags.has('O_NOATIME') && !isOwner(caller, knownOf(inode))) return fail('EPERM');
  const isGuarded = semantics.behaviour.runningProgram === 'guards its overlay inode';
  if (canWrite && isGuarded && world.program?.inode === inode) return fail('ETXTBSY');
  if (top.type === 'sock') return fail('ENXIO');
  if (top.type === 'fifo' && canWrite && !canRead) {
    const hasReader = world.slots.some((file) => file?.inode === inode && file.canRead);
    return hasReader ? null : fail('ENXIO');
  }
  return null;
}

/** O_TRUNC on the upper file, which loses privileges as by truncate(2). */
function truncateOpened(context: Context, inode: OvlInode): Failure | null {
  const { fs } = context.world;
  const upper = topOf(inode);
  const asked = askedOf(inode);
  const kept = whyPrivilegesKept(context, upper, asked);
  if (kept !== null) return kept;
  noteChange(context, inode);
  unmapBehind(context.world, upper, 0);
  cutFolios(upper, 0);
  // Who writes with the same step has room for as much.
  if (fsOfIno(upper.ino) === fs.index) fs.sparePages += upper.pages.size;
  resizeContent(upper, 0);
  dropPrivileges(context, upper, asked);
  touchMtime(context.world.fs, upper);
  return null;
}
