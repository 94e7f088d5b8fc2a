import type { Context } from '../ops/op.ts';
import { BOUND } from '../flags.ts';
import { isWhiteout } from '../layer.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OvlDentry, OvlInode, RealInode } from '../state.ts';
import { lookupIndex } from './index-dir.ts';
import { instantiate } from './inode.ts';
import { lookupLayers } from './namei-layers.ts';
import type { Found } from './namei-layers.ts';

export function newDentry(
  parent: OvlDentry | null,
  name: string,
  inode: OvlInode | null,
  { isDisconnected = false }: { readonly isDisconnected?: boolean } = {},
): OvlDentry {
  const dentry = {
    parent,
    name,
    inode,
    hasUpperAlias: inode?.upper != null,
    isOpaque: false,
    isHashed: !isDisconnected,
    isDisconnected,
    isConnected: false,
    children: new Map<string, OvlDentry>(),
  };
  inode?.aliases.push(dentry);
  return dentry;
}

/** Looks a name up in a directory, in the dentry cache first. A missing name is negative. */
export function lookup(context: Context, parent: OvlDentry, name: string): Prediction<OvlDentry> {
  const cached = parent.children.get(name);
  if (cached !== undefined) return succeed(cached);
  if (name.length > BOUND.nameBytes) return fail('ENAMETOOLONG');
  const found = lookupLayers(context, inodeOf(parent), name);
  if (!found.ok) return found;
  let inode: OvlInode | null = null;
  if (found.value.upper !== null || found.value.lowers.length > 0) {
    const index = indexOf(context, found.value);
    if (!index.ok) return index;
    const upper = found.value.upper ?? index.value;
    const made = instantiate(context, { ...found.value, upper, isIndexed: index.value !== null });
    if (!made.ok) return made;
    inode = made.value;
  }
  const dentry = newDentry(parent, name, inode);
  dentry.hasUpperAlias = found.value.upper !== null;
  dentry.isOpaque = found.value.isOpaque;
  parent.children.set(name, dentry);
  return succeed(dentry);
}

/** The index entry of what was found, which stands in for an upper that has another name. */
function indexOf(context: Context, { upper, lowers }: Found): Prediction<RealInode | null> {
  const [lower] = lowers;
  if (lower === undefined) return succeed(null);
  if (lower.type === 'dir' && !context.world.overlay.config.nfsExport) return succeed(null);
  return lookupIndex(context, upper, lower);
}

/** The inode of a dentry that is known to be positive. */
export function inodeOf(dentry: OvlDentry): OvlInode {
  if (dentry.inode === null) throw new Error(`${dentry.name} is negative: the model is wrong`);
  return dentry.inode;
}

/** A negative name that a whiteout in the upper layer hides. */
export function isWhiteoutDentry(dentry: OvlDentry): boolean {
  return dentry.inode === null && dentry.isOpaque;
}

/**
 * Whether removing or moving the name would uncover something below. Decided by the first lower
 * layer that has the current name at all: a whiteout there means no.
 */
export function isLowerPositive(dentry: OvlDentry): boolean {
  if (dentry.inode === null) return dentry.isOpaque;
  if (dentry.inode.upper === null) return true;
  const parent = dentry.parent?.inode;
  for (const lower of parent?.lowers ?? []) {
    const below = lower.entries.get(dentry.name);
    if (below !== undefined) return !isWhiteout(below);
  }
  return false;
}

/** Forgets a name, so that the next lookup asks the layers again. */
export function dropDentry(dentry: OvlDentry): void {
  const { parent } = dentry;
  dentry.isHashed = false;
  if (parent?.children.get(dentry.name) === dentry) parent.children.delete(dentry.name);
}
