import type { Failure } from '../prediction.ts';
import { fail } from '../prediction.ts';
import { MAY_WRITE, permits } from '../permission.ts';
import type { Credentials, OvlInode } from '../state.ts';
import { topOf } from './inode.ts';
import { knownOf } from './known.ts';

/** Root, if only of its user namespace. */
const MOUNTER: Credentials = { uid: 0, gid: 0 };

/** What the flags of a file forbid to anybody. */

export function isImmutable({ protection }: OvlInode): boolean {
  return protection.has('FS_IMMUTABLE_FL');
}

export function isAppendOnly({ protection }: OvlInode): boolean {
  return protection.has('FS_APPEND_FL');
}

export function isProtected({ protection }: OvlInode): boolean {
  return protection.size > 0;
}

/**
 * What forbids the access: an immutable object does before mode and owner. The mounter is asked,
 * too, and of the object as it is: it may all but execute what nobody may.
 */
export function whyNotPermitted(
  inode: OvlInode,
  caller: Credentials,
  mask: number,
): Failure | null {
  if ((mask & MAY_WRITE) !== 0 && isImmutable(inode)) return fail('EPERM');
  if (!permits(knownOf(inode), caller, mask)) return fail('EACCES');
  // It may be so by another inode of the same object, of which this one was not told.
  const isFixed = inode.upper?.flags.has('FS_IMMUTABLE_FL') === true;
  if ((mask & MAY_WRITE) !== 0 && isFixed) return fail('EPERM');
  return permits(topOf(inode), MOUNTER, mask) ? null : fail('EACCES');
}
