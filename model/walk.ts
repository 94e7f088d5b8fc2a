import type { Context } from './ops/op.ts';
import { topOf } from './overlay/inode.ts';
import { inodeOf, lookup } from './overlay/namei.ts';
import { MAY_EXEC, permits } from './permission.ts';
import { fail, succeed } from './prediction.ts';
import type { Prediction } from './prediction.ts';
import type { OvlDentry, OvlInode, RealInode } from './state.ts';

const SYMLINKS_MAX = 40;

/** Where a path ends: a directory and a name in it, with the dentry, which may be negative. */
export interface Place {
  readonly parent: OvlDentry;
  readonly name: string;
  readonly dentry: OvlDentry;
}

/** An object that a path leads to. */
export interface Target {
  readonly dentry: OvlDentry;
  readonly inode: OvlInode;
}

interface Walk {
  readonly context: Context;
  symlinks: number;
  readonly noSymlinks: boolean;
}

/** Whether a symlink at the end is followed, and whether any is on the way there. */
interface Following {
  readonly follow: boolean;
  readonly noSymlinks?: boolean;
}

/** The object at a path, or ENOENT. A symlink at the end is followed or not. */
export function resolve(context: Context, path: string, following: Following): Prediction<Target> {
  const place = resolvePlace(context, path, following);
  if (!place.ok) return place;
  const dentry = place.value?.dentry ?? context.world.overlay.root;
  return dentry.inode === null ? fail('ENOENT') : succeed({ dentry, inode: dentry.inode });
}

/**
 * Where a path ends. Null for the root, which has no name. A symlink at the end is followed or
 * not; if it dangles, the place is where it points to.
 */
export function resolvePlace(
  context: Context,
  path: string,
  { follow, noSymlinks = false }: Following,
): Prediction<Place | null> {
  const walk: Walk = { context, symlinks: 0, noSymlinks };
  return walkFrom(walk, context.world.overlay.root, path, follow);
}

/** The directory that a path ends in and its last name, not looked up yet; null for the root. */
export function resolveParent(
  context: Context,
  path: string,
): Prediction<Pick<Place, 'parent' | 'name'> | null> {
  const { root } = context.world.overlay;
  const names = path.split('/').filter((name) => name !== '.');
  const name = names.pop();
  let parent = root;
  if (names.length > 0) {
    const walk: Walk = { context, symlinks: 0, noSymlinks: false };
    const found = walkFrom(walk, root, names.join('/'), true, false);
    if (!found.ok) return found;
    parent = found.value?.dentry ?? root;
  }
  if (parent.inode === null) return fail('ENOENT');
  if (parent.inode.type !== 'dir') return fail('ENOTDIR');
  if (!permits(topOf(parent.inode), context.caller, MAY_EXEC)) return fail('EACCES');
  return succeed(name === undefined ? null : { parent, name });
}

/** Walks a path from a directory. The last name is looked up but need not exist. */
function walkFrom(
  walk: Walk,
  start: OvlDentry,
  path: string,
  follow: boolean,
  isTrailing = true,
): Prediction<Place | null> {
  const names = path.split('/').filter((name) => name !== '.');
  let dir = start;
  let place: Place | null = null;
  const mayEnter = permits(topOf(inodeOf(start)), walk.context.caller, MAY_EXEC);
  if (names.length === 0 && !mayEnter) return fail('EACCES');
  for (const [index, name] of names.entries()) {
    const isLast = index === names.length - 1;
    const stepped = step(walk, dir, name, {
      follows: !isLast || follow,
      isTrailing: isLast && isTrailing,
    });
    if (!stepped.ok) return stepped;
    place = stepped.value;
    if (isLast) break;
    const { dentry } = place;
    if (dentry.inode === null) return fail('ENOENT');
    if (dentry.inode.type !== 'dir') return fail('ENOTDIR');
    dir = dentry;
  }
  return succeed(place);
}

/** One name: search permission, lookup, and the symlink if there is one. */
function step(
  walk: Walk,
  dir: OvlDentry,
  name: string,
  { follows, isTrailing }: { readonly follows: boolean; readonly isTrailing: boolean },
): Prediction<Place> {
  const { context } = walk;
  if (!permits(topOf(inodeOf(dir)), context.caller, MAY_EXEC)) return fail('EACCES');
  const found = lookup(context, dir, name);
  if (!found.ok) return found;
  const place = { parent: dir, name, dentry: found.value };
  const inode = found.value.inode;
  if (!follows || inode?.type !== 'symlink') return succeed(place);
  if (++walk.symlinks > SYMLINKS_MAX) return fail('ELOOP');
  if (isTrailing && !mayFollow(context, topOf(inodeOf(dir)), topOf(inode))) return fail('EACCES');
  if (walk.noSymlinks) return fail('ELOOP');
  const followed = walkFrom(walk, dir, topOf(inode).target, true, isTrailing);
  if (!followed.ok) return followed;
  // A target of nothing but dots would be the directory itself; scenarios have none.
  return followed.value === null ? fail('ENOENT') : succeed(followed.value);
}

const STICKY_FOR_ALL = 0o1002;

/** Under protected_symlinks a link in a sticky directory for all is not followed by others. */
export function mayFollow(
  { environment, caller }: Context,
  dir: RealInode,
  link: RealInode,
): boolean {
  if (!environment.protectedSymlinks || caller.uid === link.uid) return true;
  return (dir.mode & STICKY_FOR_ALL) !== STICKY_FOR_ALL || dir.uid === link.uid;
}
