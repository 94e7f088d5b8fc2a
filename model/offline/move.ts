import { profileOf } from '../bases.ts';
import { fsOf } from '../file-system.ts';
import { inheritFlags, losesNames, takesNames } from '../file-flags.ts';
import { addName, exchangeNames, isAtOrBelow, moveName, newInode } from '../layer.ts';
import type { RenameFlag } from '../flags.ts';
import type { Context, LayerName } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { findSpot, isReadOnly } from './find.ts';
import type { Spot } from './find.ts';

/** renameat2(2) within a layer, as root. */
export function moveOnLayer(
  context: Context,
  layer: LayerName,
  { from, to, flags }: { from: string; to: string; flags: readonly RenameFlag[] },
): Prediction<null> {
  const { fs } = context.world;
  const isExchange = flags.includes('RENAME_EXCHANGE');
  const noReplace = flags.includes('RENAME_NOREPLACE');
  const isWhiteout = flags.includes('RENAME_WHITEOUT');
  if (isExchange && (noReplace || isWhiteout)) return fail('EINVAL');
  const old = findSpot(context, layer, from);
  if (!old.ok) return old;
  const goal = findSpot(context, layer, to);
  if (!goal.ok) return goal;
  if (old.value === null) return fail('EBUSY');
  if (goal.value === null) return fail(noReplace ? 'EEXIST' : 'EBUSY');
  const { dir, name, inode } = old.value;
  if (isReadOnly(dir)) return fail('EROFS');
  if (inode === null) return fail('ENOENT');
  const why = whyNotMoved(inode, old.value, goal.value, { isExchange, noReplace });
  if (why !== null) return why;
  if (inode === goal.value.inode) return succeed(null);
  const kept = whyKept(inode, old.value, goal.value, { isExchange });
  if (kept !== null) return kept;
  if (isExchange) {
    exchangeNames(fs, dir, name, goal.value.dir, goal.value.name);
    return succeed(null);
  }
  moveName(fs, dir, name, goal.value.dir, goal.value.name);
  if (isWhiteout) {
    const whiteout = newInode(fsOf(fs, dir), { type: 'chr', mode: 0, uid: 0, gid: 0 });
    inheritFlags(dir, whiteout);
    addName(fs, dir, name, whiteout);
  }
  return succeed(null);
}

function whyNotMoved(
  inode: RealInode,
  from: Spot,
  to: Spot,
  { isExchange, noReplace }: { readonly isExchange: boolean; readonly noReplace: boolean },
): Failure | null {
  const other = to.inode;
  if (noReplace && other !== null) return fail('EEXIST');
  if (isExchange && other === null) return fail('ENOENT');
  if (isAtOrBelow(to.dir, inode)) return fail('EINVAL');
  if (other !== null && isAtOrBelow(from.dir, other))
    return fail(isExchange ? 'EINVAL' : 'ENOTEMPTY');
  return null;
}

/** Flags first, then types, and last whether the target is empty. */
function whyKept(
  inode: RealInode,
  from: Spot,
  to: Spot,
  { isExchange }: { readonly isExchange: boolean },
): Failure | null {
  const other = to.inode;
  if (!losesNames(from.dir, inode)) return fail('EPERM');
  if (other === null ? !takesNames(to.dir) : !losesNames(to.dir, other)) return fail('EPERM');
  if (other === null || isExchange) return null;
  if (inode.type === 'dir' && other.type !== 'dir') return fail('ENOTDIR');
  if (inode.type !== 'dir' && other.type === 'dir') return fail('EISDIR');
  return other.entries.size > 0 ? fail(profileOf(other).renameOverFull) : null;
}
