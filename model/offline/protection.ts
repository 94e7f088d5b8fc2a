import { profileOf } from '../bases.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { RealInode } from '../state.ts';

/** Some file systems take no change, whoever makes it. */
export function whyReadOnly(inode: RealInode): Failure | null {
  return profileOf(inode).isReadOnly ? fail('EROFS') : null;
}
