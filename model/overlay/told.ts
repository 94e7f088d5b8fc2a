import type { Context } from '../ops/op.ts';
import { fail } from '../prediction.ts';
import type { Failure } from '../prediction.ts';
import type { OpenFile } from '../state.ts';

/**
 * What fcntl(2) changed is told to the real file when that is used, which it refuses if the file
 * was made append-only in the meantime. A real file that is opened for each call knows already.
 */
export function whyUntold({ rule }: Context, file: OpenFile): Failure | null {
  if (file.isUntold !== true || file.real !== file.inode.upper) return null;
  if (file.real.flags.has('FS_APPEND_FL')) {
    rule('fd/append-is-told-too-late');
    return fail('EPERM');
  }
  file.isUntold = false;
  return null;
}
