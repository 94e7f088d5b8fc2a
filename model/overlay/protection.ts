import type { Failure } from '../prediction.ts';
import { fail } from '../prediction.ts';
import { MAY_WRITE, permits } from '../permission.ts';
import type { Credentials, OvlInode } from '../state.ts';
import { knownOf } from './known.ts';

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

/** What forbids the access: an immutable object does before mode and owner. */
export function whyNotPermitted(
  inode: OvlInode,
  caller: Credentials,
  mask: number,
): Failure | null {
  if ((mask & MAY_WRITE) !== 0 && isImmutable(inode)) return fail('EPERM');
  return permits(knownOf(inode), caller, mask) ? null : fail('EACCES');
}
