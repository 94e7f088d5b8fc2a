import { asSeen, errorSince, NO_ERROR, sampleOf, withError } from './errseq.ts';
import type { Errseq } from './errseq.ts';
import { PAGE_BYTES } from './flags.ts';
import { writtenAlong } from './folios.ts';
import { fsOfIno } from './ino.ts';
import { fail } from './prediction.ts';
import type { Failure } from './prediction.ts';
import type { NfsFile } from './overlay/nfs.ts';
import type { OpenFile, RealFs, RealInode, World } from './state.ts';

/**
 * A block device that fails, for as long as it does, whatever is written to it, but for what its
 * file system keeps beside data and names. All of it is in play only in scenarios with such a step.
 */
export interface Faults {
  isFailing: boolean;
  /** What the file system does by now is not predicted. */
  isOver: boolean;
  /** What the super block remembers, and what each file does. */
  errors: Errseq;
  readonly ofFiles: Map<RealInode, Errseq>;
}

/** What an open file was told last. */
export interface FileErrors {
  /** By its upper file; null until it has one open. */
  ofFile: Errseq | null;
  /** By the super block that syncfs(2) asks. */
  ofFs: Errseq;
}

/** What an overlay remembers of its upper file system. */
export interface OverlayErrors {
  readonly atMount: Errseq;
  /** Its own super block, for who passes errors on; and how far that was. */
  own: Errseq;
  passedOn: Errseq;
}

/** What is open beside the overlay: a file of its upper layer, or of the second overlay. */
export interface OutsideFile {
  readonly real: RealInode;
  readonly canWrite: boolean;
  readonly errors: FileErrors;
  /** The slot of the second overlay; null for all else. */
  readonly second: number | null;
  /** What a client of the NFS server has; null for all else. */
  readonly nfs: NfsFile | null;
}

/** All that there is so far is on the disk. */
export function startFaults(fs: RealFs): Faults {
  for (const real of fs.byIno.values()) real.dirtyPages = new Set();
  const faults: Faults = { isFailing: false, isOver: false, errors: NO_ERROR, ofFiles: new Map() };
  fs.faults = faults;
  return faults;
}

export function newOverlayErrors({ faults }: Pick<RealFs, 'faults'>): OverlayErrors {
  const atMount = sampleOf(faults?.errors ?? NO_ERROR);
  return { atMount, own: NO_ERROR, passedOn: atMount };
}

/** What is written to a file or directory is in memory alone. */
export function dirty({ dirtyPages }: RealInode, page: number): void {
  dirtyPages?.add(page);
}

/** Data of some files goes to the disk, or is lost: the file stays as it is in memory. */
export function writeOut(
  { fs, slots, outside, maps }: World,
  isMeant: (real: RealInode) => boolean,
  isMeantPage?: (page: number) => boolean,
): void {
  const { faults } = fs;
  if (faults === null) return;
  const users = [...slots.map((file) => file?.inode.upper), ...outside.map((file) => file?.real)];
  const isOpen = (real: RealInode): boolean =>
    users.includes(real) || maps.some((map) => map?.real === real);
  for (const real of fs.byIno.values()) {
    if (real.type !== 'file' || fsOfIno(real.ino) !== fs.index || !isMeant(real)) continue;
    // Nobody writes out what was removed.
    if (real.nlink === 0 && !isOpen(real)) real.dirtyPages?.clear();
    else writeFileOut(fs, real, isMeantPage);
  }
}

/** Whether what a file had to write is on the disk now. */
export function writeFileOut(
  fs: RealFs,
  real: RealInode,
  isMeantPage: (page: number) => boolean = () => true,
): boolean {
  const { faults } = fs;
  if (faults === null) return true;
  const dirtyPages = [...(real.dirtyPages ?? [])];
  const along = writtenAlong(fs, real, isMeantPage).filter((page) => dirtyPages.includes(page));
  // On xfs it hangs on what else is to be written whether the rest of a folio is.
  if (along.length > 0 && (real.base !== 'ext4' || real.folios?.areDoubtful === true)) {
    faults.isOver = true;
  }
  const pages = dirtyPages.filter((page) => isMeantPage(page) || along.includes(page));
  for (const page of pages) real.dirtyPages?.delete(page);
  if (!faults.isFailing || pages.length === 0) return true;
  faults.ofFiles.set(real, withError(faults.ofFiles.get(real) ?? NO_ERROR, 'EIO'));
  faults.errors = withError(faults.errors, 'EIO');
  return false;
}

/** The pages of a range of bytes. */
export function isInRange(at: number, size: number): (page: number) => boolean {
  return (page) => (page + 1) * PAGE_BYTES > at && page * PAGE_BYTES < at + size;
}

/** What a file system is asked to write besides data may go wrong as well, in ways of its own. */
export function writesNames({ faults, byIno, base, index }: RealFs): void {
  if (faults?.isFailing !== true) return;
  const hasDirtyDir = [...byIno.values()].some(
    (real) => real.type === 'dir' && fsOfIno(real.ino) === index && isDirty(real),
  );
  // Others have a log, and stop for good when they cannot write it.
  if (hasDirtyDir || base !== 'ext4') faults.isOver = true;
}

export function isDirty({ dirtyPages }: RealInode): boolean {
  return dirtyPages !== null && dirtyPages.size > 0;
}

/** What fsync(2) of a real file says to who has it open, who then knows. */
export function tellOfFile({ faults }: RealFs, real: RealInode, to: FileErrors): Failure | null {
  const errors = faults?.ofFiles.get(real) ?? NO_ERROR;
  const errno = errorSince(errors, to.ofFile ?? sampleOf(errors));
  if (errno === null) return null;
  const seen = asSeen(errors);
  faults?.ofFiles.set(real, seen);
  to.ofFile = seen;
  return fail(errno);
}

/** The same of syncfs(2) and the super block. */
export function tellOfFs({ faults }: RealFs, to: FileErrors): Failure | null {
  if (faults === null) return null;
  const errno = errorSince(faults.errors, to.ofFs);
  if (errno === null) return null;
  faults.errors = asSeen(faults.errors);
  to.ofFs = faults.errors;
  return fail(errno);
}

export function sampleOfFile({ faults }: RealFs, real: RealInode): Errseq {
  return sampleOf(faults?.ofFiles.get(real) ?? NO_ERROR);
}

/** What a file of the overlay stands for when it is opened. */
export function openErrors({ fs, overlay }: World, { inode }: OpenFile): FileErrors {
  // The data of a metacopy is what is opened.
  const upper = inode.hasUpperData ? inode.upper : null;
  const asksUpper = fs.semantics.behaviour.syncfsErrors === 'of the upper file system';
  const ofFs = asksUpper ? fs.faults?.errors : overlay.errors.own;
  return {
    ofFile: upper === null ? null : sampleOfFile(fs, upper),
    ofFs: sampleOf(ofFs ?? NO_ERROR),
  };
}
