import { profileOf } from '../bases.ts';
import { fsOfIno } from '../ino.ts';
import { mayShare } from '../clone.ts';
import type { Errno } from '../errno.ts';
import type { Context } from '../ops/op.ts';
import { isOwner, MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OpenFile } from '../state.ts';

import { usableFile } from './file.ts';
import { dataOf } from './inode.ts';
import { knownOf, knownSize } from './known.ts';
import { whyNotPermitted } from './protection.ts';
import { whyReadOnly } from './read-only.ts';
import { whyUntold } from './told.ts';

interface Range {
  readonly fd: number;
  readonly offset: number;
}

/** What FIDEDUPERANGE says of one target; what is wrong with the source fails the call. */
export function dedupeRange(
  context: Context,
  from: Range,
  to: Range,
  size: number,
): Prediction<string | null> {
  const opened = usableFile(context, from.fd);
  if (!opened.ok) return opened;
  const source = opened.value;
  if (!source.canRead) return fail('EINVAL');
  if (source.inode.type === 'dir') return fail('EISDIR');
  if (source.inode.type !== 'file' || from.offset < 0) return fail('EINVAL');
  if (from.offset + size > knownSize(source.inode)) return fail('EINVAL');
  const target = usableFile(context, to.fd);
  if (!target.ok) return succeed('EBADF');
  const why = whyNotDeduped(context, target.value, to.offset);
  if (why !== null) return succeed(why);
  if (size === 0) return succeed('0 bytes');
  const whyNotUpper = whyNotBothUpper(context, source, target.value);
  if (whyNotUpper !== null) return succeed(whyNotUpper);
  const data = dataOf(target.value.inode);
  // That of an overlay below is in its lower layer, of which it says the same.
  if (data.base === 'overlay') return succeed('EPERM');
  if (!mayShare(dataOf(source.inode), data)) return succeed('EINVAL');
  // What the file system does then is its own business, and changes what it allocates.
  context.world.isOrderOpen = true;
  return succeed(null);
}

/** What the VFS asks first. */
function whyNotDeduped(context: Context, target: OpenFile, offset: number): Errno | null {
  if (whyReadOnly(context) !== null) return 'EROFS';
  if (offset < 0) return 'EINVAL';
  const { caller } = context;
  const isAllowed = target.canWrite || isOwner(caller, knownOf(target.inode));
  if (!isAllowed && whyNotPermitted(target.inode, caller, MAY_WRITE) !== null) return 'EPERM';
  if (target.inode.type === 'dir') return 'EISDIR';
  return target.inode.type === 'file' ? null : 'EINVAL';
}

/** Copying up to share data would be a detour; metadata alone has none to share. */
function whyNotBothUpper(
  context: Context,
  sourceFile: OpenFile,
  targetFile: OpenFile,
): Errno | null {
  const { rule, semantics } = context;
  const { inode: source } = sourceFile;
  const { inode: target } = targetFile;
  rule('dedupe/both-upper');
  if (source.upper === null || target.upper === null) return 'EPERM';
  if ((whyUntold(context, targetFile) ?? whyUntold(context, sourceFile)) !== null) return 'EPERM';
  const { dedupeOntoLower: asked, dedupeAcross } = semantics.behaviour;
  const to = dataOf(target);
  if (to !== target.upper && asked === 'that of the layer') return 'EROFS';
  if (fsOfIno(dataOf(source).ino) === fsOfIno(to.ino)) return null;
  if (dedupeAcross === 'the file system' && profileOf(to).clones === 'no') return 'EINVAL';
  rule('dedupe/one-file-system');
  return 'EXDEV';
}
