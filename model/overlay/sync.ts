import { profileOf } from '../bases.ts';
import { asSeen, errorSince, NO_ERROR, withError } from '../errseq.ts';
import {
  isInRange,
  sampleOfFile,
  tellOfFile,
  tellOfFs,
  writeFileOut,
  writesNames,
} from '../faults.ts';
import type { FileErrors } from '../faults.ts';

import { PAGE_BYTES } from '../flags.ts';
import { writeBack } from '../memory.ts';
import type { Mapping } from '../memory.ts';
import { openFileOf } from '../open-file.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { OpenFile, RealFs, RealInode, World } from '../state.ts';
import { canSync, isVolatile } from './file.ts';
import { dataOf, topOf } from './inode.ts';
import type { MountConfig, ResolveContext } from './params.ts';
import { whyUntold } from './told.ts';

/** fsync(2) and fdatasync(2). */
export function syncFile(
  context: Context,
  fd: number,
  what: 'data and attributes' | 'data',
): Prediction<null> {
  const { world, rule } = context;
  const opened = openFileOf(world, fd);
  if (!opened.ok) return opened;
  const file = opened.value;
  if (file.isPath) return fail('EBADF');
  if (!canSync(file)) return fail('EINVAL');
  if (isVolatile(world.overlay)) {
    rule('volatile/syncs-nothing');
    return whyVolatileFails(context) ?? succeed(null);
  }
  const untold = whyUntold(context, file);
  if (untold !== null) return untold;
  const { inode } = file;
  const top = topOf(inode);
  if (what !== 'data' && findsNoName(context, file)) rule('sync/opens-nameless-metadata');
  // Only that of the data is synced, and the data of a metacopy is in a lower layer.
  const isOfUpper = what === 'data and attributes' || inode.hasUpperData;
  const errors = isOfUpper ? errorsOfUpper(context, file) : null;
  writeBack(world, (real) => real === top);
  if (inode.upper === null) return succeed(null);
  const told = errors === null ? null : tellOfFile(world.fs, inode.upper, errors);
  if (told === null) syncNames(world, [inode.upper]);
  else context.rule('sync/upper-file-tells');
  return told ?? succeed(null);
}

/** Of a metacopy in a lower layer it is the data that the name leads to. */
function findsNoName({ semantics }: Context, { inode }: OpenFile): boolean {
  if (semantics.behaviour.nameOfRealFile !== 'looks for its inode') return false;
  const top = topOf(inode);
  return inode.upper === null && dataOf(inode) !== top && profileOf(top).asksDirOnOpen;
}

export function syncFileSystem(context: Context, fd: number): Prediction<null> {
  const { world, semantics, rule } = context;
  const { fs, overlay } = world;
  const opened = openFileOf(world, fd);
  if (!opened.ok) return opened;
  const { errors, isPath } = opened.value;
  if (isPath) return fail('EBADF');
  if (isVolatile(overlay)) {
    rule('volatile/syncs-nothing');
    return whyVolatileFails(context) === null ? succeed(null) : fail('EIO');
  }
  writeBack(world, () => true);
  syncNames(world);
  if (errors === undefined || overlay.upper === null) return succeed(null);
  switch (semantics.behaviour.syncfsErrors) {
    case 'of syncing alone':
      if (fs.faults !== null && fs.faults.errors !== NO_ERROR) rule('syncfs/hides-upper-errors');
      return succeed(null);
    case 'of the upper file system':
      rule('syncfs/asks-upper');
      return tellOfFs(fs, errors) ?? succeed(null);
    case 'passed on':
      rule('syncfs/passes-on');
      return passOn(context, errors) ?? succeed(null);
  }
}

/** Errors of the upper super block become those of the overlay, which the file is told. */
function passOn({ world }: Context, to: FileErrors): Failure | null {
  const { faults } = world.fs;
  const { errors } = world.overlay;
  if (faults === null) return null;
  const passed = errorSince(faults.errors, errors.passedOn);
  if (passed !== null) {
    faults.errors = asSeen(faults.errors);
    errors.passedOn = faults.errors;
    errors.own = withError(errors.own, passed);
  }
  const errno = errorSince(errors.own, to.ofFs);
  if (errno === null) return null;
  errors.own = asSeen(errors.own);
  to.ofFs = errors.own;
  return fail(errno);
}

/** Once something went wrong with the upper file system, a volatile mount is no good any more. */
function whyVolatileFails({ world, semantics, rule }: Context): Failure | null {
  const { faults } = world.fs;
  if (faults === null || semantics.behaviour.volatileErrors === 'are not looked at') return null;
  const errno = errorSince(faults.errors, world.overlay.errors.atMount);
  if (errno === null) return null;
  rule('volatile/errors-stay');
  return fail(errno);
}

/** A volatile mount would never tell of an error that nobody was told of before. */
export function whyUnseenError(
  { faults }: RealFs,
  { sync }: MountConfig,
  { semantics, rule }: ResolveContext,
): Failure | null {
  if (sync !== 'volatile' || semantics.behaviour.volatileErrors === 'are not looked at')
    return null;
  const { errno, isSeen } = faults?.errors ?? NO_ERROR;
  if (errno === null || isSeen) return null;
  rule('volatile/unseen-error-refused');
  return fail('EIO');
}

/** What the upper file of an open file was told; null without one. */
export function errorsOfUpper(
  { world, semantics, rule }: Context,
  { inode, errors }: OpenFile,
): FileErrors | null {
  const { upper } = inode;
  if (errors === undefined || upper === null) return null;
  if (errors.ofFile !== null) return errors;
  rule('sync/late-upper-file');
  const ofFile = sampleOfFile(world.fs, upper);
  if (semantics.behaviour.lateUpperFile === 'opened for each call') return { ...errors, ofFile };
  errors.ofFile = ofFile;
  return errors;
}

/** A call that needs the upper file of an open file may open it for good. */
export function noteUpperFile(context: Context, file: OpenFile): void {
  const isLate = file.errors?.ofFile === null && file.inode.hasUpperData;
  if (isLate && context.semantics.behaviour.lateUpperFile === 'stays open') {
    errorsOfUpper(context, file);
  }
}

/** Whether copy-up syncs what it made once, when all is there but its name. */
export function syncsAtEnd({ world, semantics }: Context): boolean {
  const { sync, metacopy } = world.overlay.config;
  if (sync === 'strict') return true;
  return semantics.behaviour.copySync === 'at the end, without metacopy' && !metacopy;
}

/** Copy-up promises that data is on the disk before it has its name. */
export function whyCopyNotSynced(context: Context, upper: RealInode): Failure | null {
  const { world, rule } = context;
  const { faults } = world.fs;
  if (faults === null || isVolatile(world.overlay)) return null;
  if (writeFileOut(world.fs, upper)) {
    // Of a file without data or name ext4 has nothing to write; others have a log.
    if (faults.isFailing && world.fs.base !== 'ext4') faults.isOver = true;
    return null;
  }
  rule('copy-up/syncs-data');
  // It is told, so that nobody is who opens the file later: a metacopy is there to be opened.
  faults.ofFiles.set(upper, asSeen(faults.ofFiles.get(upper) ?? NO_ERROR));
  return fail('EIO');
}

/** What is done by a write that is to be synced, as the file or who has it open may say of each. */
export function syncWritten(
  context: Context,
  file: OpenFile,
  isWritten: (page: number) => boolean,
  { syncs }: { readonly syncs: boolean },
): Failure | null {
  const { world, rule } = context;
  const { upper } = file.inode;
  if (upper === null) return null;
  const isOpenToSync = file.flags.has('O_SYNC') || file.flags.has('O_DSYNC');
  // A volatile mount drops what the call asks for; the real file is open like the file above.
  const isAsked = syncs && !isVolatile(world.overlay);
  if (!isOpenToSync && !isAsked && !upper.flags.has('FS_SYNC_FL')) return null;
  const { syncsRanges } = profileOf(upper);
  const errors = errorsOfUpper(context, file);
  writeBack(world, (real) => real === upper, syncsRanges ? isWritten : undefined);
  if (world.fs.faults === null) return null;
  const told = errors === null ? null : tellOfFile(world.fs, upper, errors);
  if (told === null) writesNames(world.fs);
  else rule('sync/write-tells');
  return told;
}

/** msync(2) is fsync(2) of the real file that is mapped, whatever the overlay is mounted like. */
export function syncMapping(
  { world, rule }: Context,
  { real, errors, isShared, firstPage }: Mapping,
  size: number,
): Failure | null {
  const { syncsRanges } = profileOf(real);
  const isSynced = syncsRanges ? isInRange(firstPage * PAGE_BYTES, size) : undefined;
  writeBack(world, (other) => other === real, isSynced);
  if (!isShared || size === 0 || errors === undefined || errors.ofFile === null) return null;
  const told = tellOfFile(world.fs, real, errors);
  if (told === null) writesNames(world.fs);
  else rule('sync/mapping-tells');
  return told;
}

/** Directories go to the disk, too: those that are meant, or all. */
export function syncNames(world: World, only?: readonly RealInode[]): void {
  const { faults, byIno } = world.fs;
  if (faults === null) return;
  writesNames(world.fs);
  for (const real of only ?? byIno.values()) if (real.type === 'dir') real.dirtyPages?.clear();
}
