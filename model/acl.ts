import { ACCESS_ACL, DEFAULT_ACL, isAclName } from './acl-names.ts';
import { profileOf } from './bases.ts';
import { touchCtime } from './layer.ts';
import type { XattrValue } from './observation.ts';
import { fail, succeed } from './prediction.ts';
import type { Failure, Prediction } from './prediction.ts';
import type { Credentials, RealFs, RealInode } from './state.ts';

/** POSIX access control lists, which inodes keep as xattrs in the form that users see. */

const TAG = { userObj: 1, user: 2, groupObj: 4, group: 8, mask: 16, other: 32 } as const;
type Tag = (typeof TAG)[keyof typeof TAG];
/** What may follow each tag of a valid list; null is the end. */
const FOLLOWS: Readonly<Record<Tag, readonly (Tag | null)[]>> = {
  [TAG.userObj]: [TAG.user, TAG.groupObj],
  [TAG.user]: [TAG.user, TAG.groupObj],
  [TAG.groupObj]: [TAG.group, TAG.mask, TAG.other],
  [TAG.group]: [TAG.group, TAG.mask, TAG.other],
  [TAG.mask]: [TAG.other],
  [TAG.other]: [null],
};
const HEADER = '\x02\0\0\0';
const ENTRY_BYTES = 8;
const NO_ID = 0xffff_ffff;

export interface AclEntry {
  readonly tag: Tag;
  readonly perm: number;
  readonly id: number;
}
export type Acl = readonly AclEntry[];

export function aclOf(inode: RealInode, name: string): Acl | null {
  const value = inode.xattrs.get(name);
  return typeof value === 'string' ? entriesOf(value) : null;
}

/** Reads a value given by a user; null stands for no list at all. */
export function parseAcl(value: string): Prediction<Acl | null> {
  if (value.length < HEADER.length) return fail('EINVAL');
  if (!value.startsWith(HEADER)) return fail('EOPNOTSUPP');
  if ((value.length - HEADER.length) % ENTRY_BYTES !== 0) return fail('EINVAL');
  const acl = entriesOf(value);
  const tags: ReadonlySet<number> = new Set(Object.values(TAG));
  if (acl.some(({ tag }) => !tags.has(tag))) return fail('EINVAL');
  return succeed(acl.length === 0 ? null : acl);
}

/** Whether a list has each of its parts, in their order. */
export function whyInvalid(acl: Acl): Failure | null {
  const isOrdered = acl.every(({ tag, perm }, index) => {
    return perm <= 7 && FOLLOWS[tag].includes(acl[index + 1]?.tag ?? null);
  });
  const needsMask = acl.some(({ tag }) => tag === TAG.user || tag === TAG.group);
  const hasMask = acl.some(({ tag }) => tag === TAG.mask);
  const isWhole = acl[0]?.tag === TAG.userObj && isOrdered && (hasMask || !needsMask);
  return isWhole ? null : fail('EINVAL');
}

/** Stores or removes a list. An access list is the mode too, and nothing more if that says all. */
export function storeAcl(fs: RealFs, inode: RealInode, name: string, acl: Acl | null): void {
  let kept = acl;
  const { mode } = inode;
  if (name === ACCESS_ACL && acl !== null) {
    inode.mode = (inode.mode & ~0o777) | modeOf(acl);
    if (saysNoMoreThanMode(acl)) kept = null;
  }
  const old = inode.xattrs.get(name);
  keepAcl(inode, name, kept);
  const changes = inode.xattrs.get(name) !== old || inode.mode !== mode;
  const { stampsSameXattr, stampsGoneAcl } = profileOf(inode);
  if (changes || (kept === null ? stampsGoneAcl : stampsSameXattr)) touchCtime(fs, inode);
}

/** The names by which xfs keeps lists, and shows them as well. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  [ACCESS_ACL]: 'trusted.SGI_ACL_FILE',
  [DEFAULT_ACL]: 'trusted.SGI_ACL_DEFAULT',
};

/** Whether an xattr is a list as its file system has it on disk: another says it to users. */
export function isOwnForm(inode: RealInode, name: string): boolean {
  return profileOf(inode).showsOwnAcls && Object.values(OWN_NAMES).includes(name);
}

/** Stores a list, whatever the mode is. */
export function keepAcl(inode: RealInode, name: string, acl: Acl | null): void {
  const own = profileOf(inode).showsOwnAcls ? OWN_NAMES[name] : undefined;
  if (acl === null) {
    inode.xattrs.delete(name);
    if (own !== undefined) inode.xattrs.delete(own);
    return;
  }
  inode.xattrs.set(name, printAcl(acl));
  if (own !== undefined) inode.xattrs.set(own, printOwnAcl(acl));
}

/** An xattr as it is copied; a list is kept as its file system keeps lists. */
export function keepXattr(inode: RealInode, name: string, value: XattrValue): void {
  const acl = isAclName(name) && typeof value === 'string' ? entriesOf(value) : null;
  if (acl === null) inode.xattrs.set(name, value);
  else keepAcl(inode, name, acl);
}

const OWN_ENTRY_BYTES = 12;

/** As xfs keeps a list: how many entries, then each, big endian. */
function printOwnAcl(acl: Acl): string {
  const bytes = new Uint8Array(4 + acl.length * OWN_ENTRY_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, acl.length);
  for (const [index, { tag, perm, id }] of acl.entries()) {
    const at = 4 + index * OWN_ENTRY_BYTES;
    view.setUint32(at, tag);
    view.setUint32(at + 4, tag === TAG.user || tag === TAG.group ? id : NO_ID);
    view.setUint16(at + 8, perm);
  }
  return String.fromCharCode(...bytes);
}

/** What chmod(2) does to the access list: the group bits are those of the mask. */
export function changeModeOfAcl(inode: RealInode): void {
  const acl = aclOf(inode, ACCESS_ACL);
  if (acl === null) return;
  const groupTag = acl.some(({ tag }) => tag === TAG.mask) ? TAG.mask : TAG.groupObj;
  const perms: Partial<Record<Tag, number>> = {
    [TAG.userObj]: (inode.mode >> 6) & 7,
    [groupTag]: (inode.mode >> 3) & 7,
    [TAG.other]: inode.mode & 7,
  };
  const changed = acl.map((entry) => ({ ...entry, perm: perms[entry.tag] ?? entry.perm }));
  keepAcl(inode, ACCESS_ACL, changed);
}

/** What a new object inherits from a directory with a default list, which replaces the umask. */
export function inherit(dir: RealInode, inode: RealInode, umask: number): void {
  if (inode.type === 'symlink') return;
  const acl = aclOf(dir, DEFAULT_ACL);
  if (acl === null) {
    inode.mode &= ~umask;
    return;
  }
  const groupTag = acl.some(({ tag }) => tag === TAG.mask) ? TAG.mask : TAG.groupObj;
  const shifts: Partial<Record<Tag, number>> = { [TAG.userObj]: 6, [groupTag]: 3, [TAG.other]: 0 };
  const { mode } = inode;
  const masked = acl.map((entry) => {
    const shift = shifts[entry.tag];
    return shift === undefined ? entry : { ...entry, perm: entry.perm & (mode >> shift) & 7 };
  });
  inode.mode = (mode & ~0o777) | modeOf(masked);
  if (!saysNoMoreThanMode(masked)) keepAcl(inode, ACCESS_ACL, masked);
  if (inode.type === 'dir') keepAcl(inode, DEFAULT_ACL, acl);
}

/** Whether a list lets somebody who does not own the object have all of some permissions. */
export function permitsByAcl(
  acl: Acl,
  inode: RealInode,
  { uid, gid }: Credentials,
  want: number,
): boolean {
  const mask = acl.find(({ tag }) => tag === TAG.mask)?.perm ?? 7;
  const user = acl.find(({ tag, id }) => tag === TAG.user && id === uid);
  if (user !== undefined) return (user.perm & mask & want) === want;
  const groups = acl.filter(
    ({ tag, id }) =>
      (tag === TAG.groupObj && gid === inode.gid) || (tag === TAG.group && id === gid),
  );
  if (groups.length > 0) {
    return groups.some(({ perm }) => (perm & want) === want) && (mask & want) === want;
  }
  const other = acl.find(({ tag }) => tag === TAG.other)?.perm ?? 0;
  return (other & want) === want;
}

function saysNoMoreThanMode(acl: Acl): boolean {
  return acl.every(({ tag }) => tag === TAG.userObj || tag === TAG.groupObj || tag === TAG.other);
}

function modeOf(acl: Acl): number {
  const permOf = (tag: Tag): number | undefined => acl.find((entry) => entry.tag === tag)?.perm;
  const group = permOf(TAG.mask) ?? permOf(TAG.groupObj) ?? 0;
  return ((permOf(TAG.userObj) ?? 0) << 6) | (group << 3) | (permOf(TAG.other) ?? 0);
}

export function entriesOf(value: string): Acl {
  const bytes = Uint8Array.from(value, (char) => char.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const entries: AclEntry[] = [];
  for (let at = HEADER.length; at + ENTRY_BYTES <= value.length; at += ENTRY_BYTES) {
    entries.push({
      // Checked by whoever takes a list from a user.
      tag: view.getUint16(at, true) as Tag,
      perm: view.getUint16(at + 2, true),
      id: view.getUint32(at + 4, true),
    });
  }
  return entries;
}

/** As the kernel hands a list out: only named users and groups have an id. */
export function printAcl(acl: Acl): string {
  const view = new DataView(new ArrayBuffer(acl.length * ENTRY_BYTES));
  for (const [index, { tag, perm, id }] of acl.entries()) {
    const isNamed = tag === TAG.user || tag === TAG.group;
    view.setUint16(index * ENTRY_BYTES, tag, true);
    view.setUint16(index * ENTRY_BYTES + 2, perm, true);
    view.setUint32(index * ENTRY_BYTES + 4, isNamed ? id : NO_ID, true);
  }
  return HEADER + String.fromCharCode(...new Uint8Array(view.buffer));
}
