import { ACCESS_ACL } from './acl-names.ts';
import { aclOf, permitsByAcl } from './acl.ts';
import type { Credentials, RealInode } from './state.ts';

export const MAY_EXEC = 1;
export const MAY_WRITE = 2;
export const MAY_READ = 4;

const SET_GID = 0o2000;
const GROUP_ALL = 0o070;
const GROUP_EXEC = 0o010;
const ANY_EXEC = 0o111;
const STICKY = 0o1000;

export function isRoot({ uid }: Credentials): boolean {
  return uid === 0;
}

/** Owner of the object, or root: may change mode and times. */
export function isOwner(caller: Credentials, inode: RealInode): boolean {
  return isRoot(caller) || caller.uid === inode.uid;
}

/** Whether mode and owner allow the access; root may all but execute a file nobody may. */
export function permits(inode: RealInode, caller: Credentials, mask: number): boolean {
  if (isRoot(caller)) {
    return inode.type === 'dir' || (mask & MAY_EXEC) === 0 || (inode.mode & ANY_EXEC) !== 0;
  }
  const acl = caller.uid === inode.uid ? null : aclOf(inode, ACCESS_ACL);
  if (acl !== null && (inode.mode & GROUP_ALL) !== 0) return permitsByAcl(acl, inode, caller, mask);
  let bits = inode.mode & 7;
  if (caller.uid === inode.uid) bits = (inode.mode >> 6) & 7;
  else if (caller.gid === inode.gid) bits = (inode.mode >> 3) & 7;
  return (bits & mask) === mask;
}

/** In a sticky directory only the owner of the directory or of the entry may take it away. */
export function isSticky(dir: RealInode, entry: RealInode, caller: Credentials): boolean {
  if ((dir.mode & STICKY) === 0 || isRoot(caller)) return false;
  return caller.uid !== dir.uid && caller.uid !== entry.uid;
}

/** Owner, group and mode of a new object: a set-gid directory hands its group down. */
export function ownerOfNew(
  dir: RealInode,
  caller: Credentials,
  type: RealInode['type'],
  mode: number,
): { readonly uid: number; readonly gid: number; readonly mode: number } {
  if ((dir.mode & SET_GID) === 0) return { uid: caller.uid, gid: caller.gid, mode };
  const { gid } = dir;
  if (type === 'dir') return { uid: caller.uid, gid, mode: mode | SET_GID };
  const isForeign = !isRoot(caller) && caller.gid !== gid;
  const stripped = isForeign && (mode & (SET_GID | GROUP_EXEC)) === (SET_GID | GROUP_EXEC);
  return { uid: caller.uid, gid, mode: stripped ? mode & ~SET_GID : mode };
}
