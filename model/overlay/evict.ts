import type { Context } from '../ops/op.ts';
import type { OvlDentry, World } from '../state.ts';
import { isHeld, usersOf } from './alias.ts';
import { dropDentry } from './namei.ts';

/** Evicts inodes that nothing needs any more: their last name and their last open file are gone. */
export function forgetUnused(world: World): void {
  const { inodes } = world.overlay;
  for (const [key, inode] of inodes) if (!isHeld(world, inode)) inodes.delete(key);
}

/** Evicts what no open file, mapping or watch needs; even a removed one needs its parents. */
export function dropCaches({ world, rule }: Context): void {
  const { overlay, watch } = world;
  rule('cache/dropped');
  // Asking for a mount that can be written to is how it is done.
  overlay.isReadOnly = overlay.upper === null;
  const needed = usedDentries(world);
  for (const { children } of needed) {
    for (const [name, child] of children) if (!needed.has(child)) children.delete(name);
  }
  // Who watches holds the inode, but none of its names.
  for (const alias of watch?.inode.aliases ?? []) if (!needed.has(alias)) dropDentry(alias);
  const alive = new Set([watch?.inode, ...[...needed].map(({ inode }) => inode)]);
  for (const [key, inode] of overlay.inodes) if (!alive.has(inode)) overlay.inodes.delete(key);
}

/** The root, what is open or mapped or runs, and the directories above that. */
export function usedDentries(world: World): ReadonlySet<OvlDentry> {
  const used = new Set([world.overlay.root]);
  for (const user of usersOf(world)) {
    for (let at = user?.dentry ?? null; at !== null; at = at.parent) used.add(at);
  }
  return used;
}
