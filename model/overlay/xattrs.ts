import { hasHandles } from '../bases.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { ProtectionFlag } from '../flags.ts';
import type { RealFs, RealInode } from '../state.ts';
import { removeXattr, setXattr } from '../layer.ts';

/** The only file that spells the names of overlay's private xattrs. */
export const PRIVATE_PREFIX = 'trusted.overlay.';
/** On a layer this is what the overlay shows as `trusted.overlay.`. */
export const ESCAPED_PREFIX = 'trusted.overlay.overlay.';

const OPAQUE = `${PRIVATE_PREFIX}opaque`;
const IMPURE = `${PRIVATE_PREFIX}impure`;
const ORIGIN = `${PRIVATE_PREFIX}origin`;
const NLINK = `${PRIVATE_PREFIX}nlink`;
const UPPER = `${PRIVATE_PREFIX}upper`;
const REDIRECT = `${PRIVATE_PREFIX}redirect`;
const METACOPY = `${PRIVATE_PREFIX}metacopy`;
const PROTATTR = `${PRIVATE_PREFIX}protattr`;
const UUID = `${PRIVATE_PREFIX}uuid`;
const UUID_BYTES = 16;
/** Version, length, flags and kind of the digest that follows. */
const METACOPY_BYTES_MIN = 4;

/** What a step may change of an object's private xattrs, seen from outside of the overlay. */
export const MARK_NAMES = [OPAQUE, REDIRECT, METACOPY, IMPURE, ORIGIN, NLINK] as const;

/** Belongs to overlayfs itself: hidden from users and not copied up. */
export function isPrivateXattr(name: string): boolean {
  return name.startsWith(PRIVATE_PREFIX) && !name.startsWith(ESCAPED_PREFIX);
}

export function isOpaqueDir(dir: RealInode): boolean {
  return dir.xattrs.get(OPAQUE) === 'y';
}

export function setOpaque(fs: RealFs, dir: RealInode): void {
  setXattr(fs, dir, OPAQUE, 'y');
}

export function hasImpure(dir: RealInode): boolean {
  return dir.xattrs.get(IMPURE) === 'y';
}

export function setImpure(fs: RealFs, dir: RealInode): void {
  setXattr(fs, dir, IMPURE, 'y');
}

export const IMPURE_NAME = IMPURE;

export function hasOrigin(inode: RealInode): boolean {
  return inode.xattrs.has(ORIGIN);
}

/** The model's number of the inode that `origin` names, or null. */
export function originInoOf(inode: RealInode): number | null {
  const value = inode.xattrs.get(ORIGIN);
  return typeof value === 'object' && 'handleOf' in value ? value.handleOf : null;
}

/** Empty when there is no handle of the lower object. */
export function setOrigin(
  fs: RealFs,
  inode: RealInode,
  lower: RealInode,
  semantics: Semantics,
): void {
  setXattr(fs, inode, ORIGIN, hasHandles(lower, semantics) ? { handleOf: lower.ino } : '');
}

/** The model's number of the upper directory that an index directory names, or null. */
export function upperInoOf(index: RealInode): number | null {
  const value = index.xattrs.get(UPPER);
  return typeof value === 'object' && 'handleOf' in value ? value.handleOf : null;
}

export function setUpper(fs: RealFs, index: RealInode, upper: RealInode): void {
  setXattr(fs, index, UPPER, { handleOf: upper.ino, isUpper: true });
}

/** The link count of an indexed inode, as `U+1`: relative to that of a real inode. */
export function nlinkOf(upper: RealInode): string | null {
  const value = upper.xattrs.get(NLINK);
  return typeof value === 'string' ? value : null;
}

export function setNlink(fs: RealFs, upper: RealInode, value: string): void {
  setXattr(fs, upper, NLINK, value);
}

export function hasUuid(root: RealInode): boolean {
  return root.xattrs.has(UUID);
}

export function setUuid(fs: RealFs, root: RealInode): void {
  setXattr(fs, root, UUID, { randomBytes: UUID_BYTES });
}

/**
 * Where an object has its lower part: a name or a path from the root, up to the first NUL. A name
 * with a slash in it, a path with an empty name in it, and nothing at all are malformed.
 */
export function redirectOf(inode: RealInode): string | null {
  const value = inode.xattrs.get(REDIRECT);
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

export function setRedirectXattr(fs: RealFs, inode: RealInode, redirect: string): void {
  setXattr(fs, inode, REDIRECT, redirect);
}

/** A regular file that has attributes only: its data is further down. */
export function isMetacopyFile(inode: RealInode): boolean {
  return inode.type === 'file' && inode.xattrs.has(METACOPY);
}

/** What is too short to hold a digest, and not empty. */
export function hasShortMetacopy(inode: RealInode): boolean {
  const value = inode.xattrs.get(METACOPY);
  return typeof value === 'string' && value !== '' && value.length < METACOPY_BYTES_MIN;
}

/** Empty when there is no digest of the data in it. */
export function setMetacopy(fs: RealFs, inode: RealInode): void {
  setXattr(fs, inode, METACOPY, '');
}

export function removeMetacopy(fs: RealFs, inode: RealInode): void {
  removeXattr(fs, inode, METACOPY);
}

/** The letters of flags in the order in which they are stored. */
const LETTERS: readonly (readonly [flag: ProtectionFlag, letter: string])[] = [
  ['FS_APPEND_FL', 'a'],
  ['FS_IMMUTABLE_FL', 'i'],
];
/** What is longer is not read. */
const PROTATTR_BYTES_MAX = 32;

/** What an upper object forbids to change; null when it says nothing, or nothing well formed. */
export function protectionXattrOf(upper: RealInode): readonly ProtectionFlag[] | null {
  const value = upper.xattrs.get(PROTATTR);
  if (typeof value !== 'string' || value.length > PROTATTR_BYTES_MAX) return null;
  if (!/^[ai]+$/.test(value)) return null;
  return LETTERS.filter(([, letter]) => value.includes(letter)).map(([flag]) => flag);
}

export function setProtectionXattr(
  fs: RealFs,
  upper: RealInode,
  protection: ReadonlySet<ProtectionFlag>,
): void {
  const letters = LETTERS.filter(([flag]) => protection.has(flag)).map(([, letter]) => letter);
  setXattr(fs, upper, PROTATTR, letters.join(''));
}

export function removeProtection(fs: RealFs, upper: RealInode): void {
  if (upper.xattrs.has(PROTATTR)) removeXattr(fs, upper, PROTATTR);
}

/** The name under which the overlay shows an xattr of a layer. */
export function shownXattrName(name: string): string {
  return name.startsWith(ESCAPED_PREFIX)
    ? PRIVATE_PREFIX + name.slice(ESCAPED_PREFIX.length)
    : name;
}
