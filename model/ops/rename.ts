import { tellMoved } from '../notify.ts';
import type { Named } from '../notify.ts';
import { inodeOf, lookup } from '../overlay/namei.ts';
import { mayCreate } from '../overlay/create.ts';
import { whyReadOnly } from '../overlay/read-only.ts';
import { mayDelete } from '../overlay/remove.ts';
import { renameExchange, renameOver } from '../overlay/rename.ts';
import type { Ends } from '../overlay/rename.ts';
import { whyNotPermitted } from '../overlay/protection.ts';
import { MAY_WRITE } from '../permission.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { OvlDentry } from '../state.ts';
import { resolveParent } from '../walk.ts';
import type { Context } from './op.ts';
import { defineOp } from './op.ts';

export const rename = defineOp({
  args: { from: 'path', to: 'path', flags: 'renameFlags' },
  syscall: ['renameat2', 'AT_FDCWD', '$from', 'AT_FDCWD', '$to', '$flags'],
  result: 'none',

  predict(context, { from, to, flags }) {
    const isExchange = flags.includes('RENAME_EXCHANGE');
    const isWhiteout = flags.includes('RENAME_WHITEOUT');
    const noReplace = flags.includes('RENAME_NOREPLACE');
    if (isExchange && (isWhiteout || noReplace)) return fail('EINVAL');
    const found = endsOf(context, from, to, { noReplace });
    if (!found.ok) return found;
    const ends = found.value;
    const why = whyRefused(ends, { isExchange, noReplace });
    if (why !== null) return why;
    if (isSameInode(ends)) {
      context.rule('rename/same-inode');
      return succeed(null);
    }
    const may = mayRename(context, ends, isExchange);
    if (!may.ok) return may;
    if (isWhiteout) {
      context.rule('rename/flags');
      return fail('EINVAL');
    }
    return isExchange ? exchange(context, ends) : moveOver(context, ends);
  },
});

function moveOver(context: Context, ends: Ends): Prediction<null> {
  const { old, target } = ends;
  const names = namesOf(ends);
  const replaced = target.inode === null ? null : target;
  const moved = renameOver(context, ends);
  if (moved.ok) tellMoved(context, inodeOf(old), names, replaced);
  return moved;
}

function exchange(context: Context, ends: Ends): Prediction<null> {
  const { old, target } = ends;
  const [from, to] = namesOf(ends);
  const moved = renameExchange(context, ends);
  if (!moved.ok) return moved;
  tellMoved(context, inodeOf(old), [from, to], null);
  tellMoved(context, inodeOf(target), [to, from], null);
  return moved;
}

/** Both ends, by the names that they have before they move. */
function namesOf({ old, oldParent, target, targetParent }: Ends): readonly [Named, Named] {
  return [
    { parent: oldParent, name: old.name },
    { parent: targetParent, name: target.name },
  ];
}

/** Both parents are looked up before the names. The root of a mount cannot be moved. */
function endsOf(
  context: Context,
  from: string,
  to: string,
  { noReplace }: { readonly noReplace: boolean },
): Prediction<Ends> {
  const source = resolveParent(context, from);
  if (!source.ok) return source;
  const goal = resolveParent(context, to);
  if (!goal.ok) return goal;
  if (source.value === null) return fail('EBUSY');
  if (goal.value === null) return fail(noReplace ? 'EEXIST' : 'EBUSY');
  const readOnly = whyReadOnly(context);
  if (readOnly !== null) return readOnly;
  const isLocked = source.value.parent !== goal.value.parent;
  const old = lookup(context, source.value.parent, source.value.name, { isLocked });
  if (!old.ok) return old;
  // A name that is not there leaves the other one alone: it is not cached then.
  if (old.value.inode === null) return fail('ENOENT');
  const target = lookup(context, goal.value.parent, goal.value.name, { isLocked });
  if (!target.ok) return target;
  return succeed({
    old: old.value,
    oldParent: source.value.parent,
    target: target.value,
    targetParent: goal.value.parent,
  });
}

function whyRefused(
  { old, oldParent, target, targetParent }: Ends,
  { isExchange, noReplace }: { readonly isExchange: boolean; readonly noReplace: boolean },
): Failure | null {
  if (noReplace && target.inode !== null) return fail('EEXIST');
  if (isExchange && target.inode === null) return fail('ENOENT');
  if (isBelow(targetParent, old)) return fail('EINVAL');
  if (isBelow(oldParent, target)) return isExchange ? fail('EINVAL') : fail('ENOTEMPTY');
  return null;
}

/** Names of one inode: the VFS does nothing and says that all went well. */
function isSameInode({ old, target }: Ends): boolean {
  return old.inode === target.inode;
}

function mayRename(context: Context, ends: Ends, isExchange: boolean): Prediction<null> {
  const { old, oldParent, target, targetParent } = ends;
  const { caller } = context;
  const isDir = inodeOf(old).type === 'dir';
  const mayOld = mayDelete(context, old, { isDir });
  if (!mayOld.ok) return mayOld;
  if (target.inode === null) {
    const may = mayCreate(context, { parent: targetParent, name: target.name, dentry: target });
    if (!may.ok) return may;
  } else {
    const may = mayDelete(context, target, {
      isDir: isExchange ? target.inode.type === 'dir' : isDir,
    });
    if (!may.ok) return may;
  }
  if (oldParent === targetParent) return succeed(null);
  const moved = [
    ...(isDir ? [inodeOf(old)] : []),
    ...(isExchange && target.inode?.type === 'dir' ? [target.inode] : []),
  ];
  for (const dir of moved) {
    const why = whyNotPermitted(dir, caller, MAY_WRITE);
    if (why !== null) return why;
  }
  return succeed(null);
}

function isBelow(dentry: OvlDentry | null, ancestor: OvlDentry): boolean {
  for (let at = dentry; at !== null; at = at.parent) if (at === ancestor) return true;
  return false;
}
