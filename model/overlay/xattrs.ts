import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import { hasHandles, profileOf } from '../bases.ts';
import { isKept } from '../file-flags.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { ProtectionFlag } from '../flags.ts';
import type { Overlay, RealFs, RealInode } from '../state.ts';
import { removeXattr, setXattr } from '../layer.ts';
import type { XattrValue } from '../observation.ts';
import type { Marks } from './marks.ts';

/** What the private xattrs of overlayfs say, and how they are written. */

const UUID_BYTES = 16;
/** Version, length, flags and kind of the digest that follows. */
const METACOPY_BYTES_MIN = 4;
const METACOPY_BYTES_MAX = METACOPY_BYTES_MIN + 64;
/** What fs-verity calls its kinds of digests; 0 is none. */
export const NO_DIGEST = 0;
export const SHA256 = 1;

/** A digest as a metacopy xattr has it. */
export interface Digest {
  readonly kind: number;
  readonly bytes: string;
}

/** All that writing one needs: there is no mounted overlay yet when the first ones are. */
export interface Marking {
  readonly fs: RealFs;
  readonly overlay: Pick<Overlay, 'marks' | 'mounter'>;
}

/** All that reading one needs that names an object. */
interface Marked {
  readonly fs: RealFs;
  readonly overlay: Pick<Overlay, 'marks'>;
}

/** Whether an object of the upper layer takes private xattrs. */
export function takesMark(
  { isWritable, isOfAllTypes }: Marks,
  { type }: Pick<RealInode, 'type'>,
): boolean {
  return isWritable && (isOfAllTypes || type === 'file' || type === 'dir');
}

/** Where the object takes none nothing happens. */
function setMark(
  { fs, overlay: { marks } }: Marking,
  inode: RealInode,
  mark: keyof Marks,
  value: XattrValue,
): void {
  const name = marks[mark];
  if (typeof name === 'string' && takesMark(marks, inode)) setXattr(fs, inode, name, value);
}

export function isOpaqueDir(marks: Marks, dir: RealInode): boolean {
  return dir.xattrs.get(marks.opaque) === 'y';
}

/** Says that files in the directory may be whiteouts, which listings do not see without it. */
export function mayHoldXattrWhiteouts(marks: Marks, dir: RealInode): boolean {
  return marks.whiteout !== null && dir.xattrs.get(marks.opaque) === 'x';
}

export function setOpaque(marking: Marking, dir: RealInode): void {
  setMark(marking, dir, 'opaque', 'y');
}

export function hasImpure(marks: Marks, dir: RealInode): boolean {
  return dir.xattrs.get(marks.impure) === 'y';
}

export function setImpure(marking: Marking, dir: RealInode): void {
  setMark(marking, dir, 'impure', 'y');
}

export function removeImpure({ fs, overlay: { marks } }: Marking, dir: RealInode): void {
  if (takesMark(marks, dir) && !isKept(dir)) removeXattr(fs, dir, marks.impure);
}

export function hasOrigin(marks: Marks, inode: RealInode): boolean {
  return inode.xattrs.has(marks.origin);
}

/** The model's number of the inode that `origin` names, or null. */
export function originInoOf(marked: Marked, inode: RealInode): number | null {
  return handledIno(marked, inode.xattrs.get(marked.overlay.marks.origin));
}

function handledIno(marked: Marked, value: XattrValue | undefined): number | null {
  if (typeof value !== 'object' || !('handleOf' in value)) return null;
  return hasUsualUuid(marked, value.handleOf, value) ? value.handleOf : null;
}

/** A handle without a uuid means nothing to a mount that writes them with one, nor the reverse. */
export function hasUsualUuid(
  { fs, overlay: { marks } }: Marked,
  ino: number,
  { hasNoUuid = false }: { readonly hasNoUuid?: boolean },
): boolean {
  const usual = uuidOf(marks, fs.byIno.get(ino));
  return (usual.hasNoUuid ?? false) === hasNoUuid;
}

/** What a handle of an object says of its file system, some of which have no uuid. */
export function uuidOf(
  { hasUuids }: Marks,
  real: RealInode | undefined,
): { readonly hasNoUuid?: true } {
  const hasNone = real !== undefined && profileOf(real).hasNullUuid;
  return hasUuids && !hasNone ? {} : { hasNoUuid: true };
}

/** Empty when there is no handle of the lower object. */
export function setOrigin(
  { world, semantics }: { readonly world: Marking; readonly semantics: Semantics },
  inode: RealInode,
  lower: RealInode,
): void {
  // To decode one takes root of the machine: no other mounter has a use for it.
  const handle =
    world.overlay.mounter.isPrivileged && hasHandles(lower, semantics)
      ? { handleOf: lower.ino, ...uuidOf(world.overlay.marks, lower) }
      : '';
  setMark(world, inode, 'origin', handle);
}

/** The model's number of the upper directory that an index directory names, or null. */
export function upperInoOf(marked: Marked, index: RealInode): number | null {
  return handledIno(marked, index.xattrs.get(marked.overlay.marks.upper));
}

export function setUpper(marking: Marking, index: RealInode, upper: RealInode): void {
  const uuid = uuidOf(marking.overlay.marks, upper);
  setMark(marking, index, 'upper', { handleOf: upper.ino, isUpper: true, ...uuid });
}

/** The link count of an indexed inode, as `U+1`: relative to that of a real inode. */
export function nlinkOf(marks: Marks, upper: RealInode): string | null {
  const value = upper.xattrs.get(marks.nlink);
  return typeof value === 'string' ? value : null;
}

export function setNlink(marking: Marking, upper: RealInode, value: string): void {
  setMark(marking, upper, 'nlink', value);
}

export function hasUuid(marks: Marks, root: RealInode): boolean {
  return root.xattrs.has(marks.uuid);
}

export function setUuid(marking: Marking, root: RealInode): void {
  setMark(marking, root, 'uuid', { randomBytes: UUID_BYTES });
}

/**
 * Where an object has its lower part: a name or a path from the root, up to the first NUL. A name
 * with a slash in it, a path with an empty name in it, and nothing at all are malformed.
 */
export function redirectOf(marks: Marks, inode: RealInode): string | null {
  const value = inode.xattrs.get(marks.redirect);
  if (typeof value !== 'string') return null;
  if (value === '') return MALFORMED;
  const [redirect = ''] = value.split('\0', 1);
  const isAbsolute = redirect.startsWith('/');
  if (isAbsolute ? redirect.endsWith('/') || redirect.includes('//') : redirect.includes('/')) {
    return MALFORMED;
  }
  return redirect;
}

/** No redirect is this: it has a slash in it and does not begin with one. */
export const MALFORMED = '?/';

export function setRedirectXattr(marking: Marking, inode: RealInode, redirect: string): void {
  setMark(marking, inode, 'redirect', redirect);
}

/** A regular file that has attributes only: its data is further down. */
export function isMetacopyFile(marks: Marks, inode: RealInode): boolean {
  return inode.type === 'file' && inode.xattrs.has(marks.metacopy);
}

/** What is too short to hold a digest, and not empty. */
export function hasShortMetacopy(marks: Marks, inode: RealInode): boolean {
  const value = inode.xattrs.get(marks.metacopy);
  return typeof value === 'string' && value !== '' && value.length < METACOPY_BYTES_MIN;
}

/** What a file without data says of its data: nothing, a digest, or nothing that makes sense. */
export function digestIn(marks: Marks, inode: RealInode): Prediction<Digest | null> {
  const value = inode.xattrs.get(marks.metacopy);
  // One that has no room for a digest is not looked at more closely.
  if (typeof value !== 'string' || value.length <= METACOPY_BYTES_MIN) return succeed(null);
  if (value.length > METACOPY_BYTES_MAX) return fail('ERANGE');
  const [version, length, , kind = 0] = Array.from(value.slice(0, METACOPY_BYTES_MIN), (byte) =>
    byte.charCodeAt(0),
  );
  if (version !== 0 || length !== value.length) return fail('EIO');
  return succeed({ kind, bytes: value.slice(METACOPY_BYTES_MIN) });
}

/** Empty when there is no digest of the data in it. */
export function setMetacopy(marking: Marking, inode: RealInode, sha256: string | null): void {
  setMark(marking, inode, 'metacopy', sha256 === null ? '' : metacopyWith(sha256));
}

export function metacopyWith(sha256: string): string {
  const head = [0, METACOPY_BYTES_MIN + sha256.length, 0, SHA256];
  return String.fromCharCode(...head) + sha256;
}

export function removeMetacopy(marking: Marking, inode: RealInode): void {
  removeXattr(marking.fs, inode, marking.overlay.marks.metacopy);
}

/** The letters of flags in the order in which they are stored. */
const LETTERS: readonly (readonly [flag: ProtectionFlag, letter: string])[] = [
  ['FS_APPEND_FL', 'a'],
  ['FS_IMMUTABLE_FL', 'i'],
];
/** What is longer is not read. */
const PROTATTR_BYTES_MAX = 32;

/** What an upper object forbids to change; null when it says nothing, or nothing well formed. */
export function protectionXattrOf(
  marks: Marks,
  upper: RealInode,
): readonly ProtectionFlag[] | null {
  const value = upper.xattrs.get(marks.protattr);
  if (typeof value !== 'string' || value.length > PROTATTR_BYTES_MAX) return null;
  if (!/^[ai]+$/.test(value)) return null;
  return LETTERS.filter(([, letter]) => value.includes(letter)).map(([flag]) => flag);
}

export function setProtectionXattr(
  marking: Marking,
  upper: RealInode,
  protection: ReadonlySet<ProtectionFlag>,
): void {
  const letters = LETTERS.filter(([flag]) => protection.has(flag)).map(([, letter]) => letter);
  setMark(marking, upper, 'protattr', letters.join(''));
}

export function removeProtection({ fs, overlay }: Marking, upper: RealInode): void {
  const { protattr } = overlay.marks;
  if (upper.xattrs.has(protattr)) removeXattr(fs, upper, protattr);
}
