import { keepsXattr } from '../bases.ts';
import { isWhiteout } from '../layer.ts';
import type { Semantics } from '../semantics/semantics.ts';
import type { MountCredentials } from '../mounter.ts';
import type { RealInode } from '../state.ts';
import type { MountConfig } from './params.ts';

/**
 * The names that one mount gives to the xattrs of its own. Whatever has another prefix is an
 * ordinary xattr to it, even if another mount of the same layers wrote it.
 */
export interface Marks {
  readonly prefix: string;
  /** On a layer what the overlay shows under `prefix`; null where nothing is escaped. */
  readonly escapedPrefix: string | null;
  readonly opaque: string;
  readonly impure: string;
  readonly origin: string;
  readonly nlink: string;
  readonly upper: string;
  readonly redirect: string;
  readonly metacopy: string;
  readonly protattr: string;
  readonly uuid: string;
  /** On an empty file that hides a name; null where such a file is an empty file. */
  readonly whiteout: string | null;
  /** Whether objects of the upper layer take them, other than those that can have none. */
  readonly isWritable: boolean;
  /** The VFS keeps user.* to files and directories. */
  readonly isOfAllTypes: boolean;
  /** File handles say which file system they are of; others are taken for those of nobody. */
  readonly hasUuids: boolean;
}

/** What a step may change of an object's private xattrs, seen from outside of the overlay. */
const OFFLINE = ['opaque', 'redirect', 'metacopy', 'impure', 'origin', 'nlink'] as const;
const PREFIXES = ['trusted.overlay.', 'user.overlay.'] as const;
export const MARK_NAMES = PREFIXES.flatMap((prefix) => OFFLINE.map((mark) => `${prefix}${mark}`));

export function marksOf(
  { userxattr, uuid }: Pick<MountConfig, 'userxattr' | 'uuid'>,
  upper: Pick<RealInode, 'base'>,
  semantics: Semantics,
  { isPrivileged }: Pick<MountCredentials, 'isPrivileged'>,
): Marks {
  const prefix = userxattr ? 'user.overlay.' : 'trusted.overlay.';
  const isAllowed = userxattr || isPrivileged;
  // What the mounter may not read is not there to it: no xattr has a name without a namespace.
  const own = isAllowed ? prefix : '';
  const hasXattrWhiteouts = semantics.features.has('xattr-whiteouts');
  return {
    prefix,
    escapedPrefix: semantics.features.has('escaped-xattrs') ? `${prefix}overlay.` : null,
    opaque: `${own}opaque`,
    impure: `${own}impure`,
    origin: `${own}origin`,
    nlink: `${own}nlink`,
    upper: `${own}upper`,
    redirect: `${own}redirect`,
    metacopy: `${own}metacopy`,
    protattr: `${own}protattr`,
    uuid: `${own}uuid`,
    whiteout: hasXattrWhiteouts ? `${own}whiteout` : null,
    isWritable: isAllowed && keepsXattr(upper, prefix, semantics),
    isOfAllTypes: !userxattr,
    hasUuids: uuid !== 'off',
  };
}

/** Belongs to overlayfs itself: hidden from users and not copied up. */
export function isPrivateXattr({ prefix, escapedPrefix }: Marks, name: string): boolean {
  if (!name.startsWith(prefix)) return false;
  return escapedPrefix === null || !name.startsWith(escapedPrefix);
}

/** The name under which the overlay shows an xattr of a layer. */
export function shownXattrName({ prefix, escapedPrefix }: Marks, name: string): string {
  const isEscaped = escapedPrefix !== null && name.startsWith(escapedPrefix);
  return isEscaped ? prefix + name.slice(escapedPrefix.length) : name;
}

/** An empty file with a mark is a whiteout, in whatever layer it is. */
export function isXattrWhiteout({ whiteout }: Marks, inode: RealInode): boolean {
  if (whiteout === null || inode.type !== 'file') return false;
  return inode.content.length === 0 && inode.xattrs.has(whiteout);
}

/** Hides a name: a device with the number 0:0, or an empty file with a mark. */
export function isAnyWhiteout(marks: Marks, inode: RealInode): boolean {
  return isWhiteout(inode) || isXattrWhiteout(marks, inode);
}
