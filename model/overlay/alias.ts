import { profileOf } from '../bases.ts';
import type { OvlDentry, OvlInode, RealInode, World } from '../state.ts';

/** A name of an inode in the dentry cache, the one that came last; null when there is none. */
export function anyAlias(world: World, inode: OvlInode): OvlDentry | null {
  return inode.aliases.findLast((alias) => isCached(world, alias)) ?? null;
}

/**
 * Whether the name that came last is not predicted, and matters: copy-up may give it to the copy.
 * Looks come by names as listings have them, which are in the order of hashes on some layers.
 */
export function isAliasOpen(world: World, { aliases }: OvlInode): boolean {
  const cached = aliases.filter((alias) => alias.isHashed && isCached(world, alias));
  if (cached.every(({ hasUpperAlias }) => hasUpperAlias)) return false;
  const dirs = cached.map(listedIn);
  return dirs.some((dir, index) => {
    return dir !== null && profileOf(dir).hashesNames && dirs.indexOf(dir) !== index;
  });
}

/** The real directory that says where a listing has a name: the lowest, else the top most. */
function listedIn({ parent, name }: OvlDentry): RealInode | null {
  const { upper = null, lowers = [] } = parent?.inode ?? {};
  const dirs = upper === null ? lowers : [upper, ...lowers];
  return [...dirs.slice(-1), ...dirs].find(({ entries }) => entries.has(name)) ?? null;
}

/** Whether something keeps an inode in memory: a name, or who watches it. */
export function isHeld(world: World, inode: OvlInode): boolean {
  return world.watch?.inode === inode || anyAlias(world, inode) !== null;
}

/** Whether an inode has another name in the dentry cache that a lookup would find. */
export function hasOtherName(world: World, dentry: OvlDentry, inode: OvlInode): boolean {
  return inode.aliases.some(
    (alias) => alias !== dentry && alias.isHashed && isCached(world, alias),
  );
}

/** Found from the root by name, or kept by an open file. */
function isCached(world: World, dentry: OvlDentry): boolean {
  const { overlay } = world;
  let at: OvlDentry | null = dentry;
  while (at.parent !== null && at.parent.children.get(at.name) === at) at = at.parent;
  if (at === overlay.root) return true;
  for (const user of usersOf(world)) {
    for (at = user?.dentry ?? null; at !== null; at = at.parent) if (at === dentry) return true;
  }
  return false;
}

/** What keeps names in the dentry cache: files that somebody has open or mapped, and programs. */
export function usersOf(world: World): readonly ({ readonly dentry: OvlDentry | null } | null)[] {
  const { slots, maps, program, nfs } = world;
  return [...slots, ...maps, program, ...(nfs?.served ?? [])];
}
