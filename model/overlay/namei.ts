import type { Context } from '../ops/op.ts';
import { BOUND } from '../flags.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { Overlay, OvlDentry, OvlInode } from '../state.ts';
import { lookupIndex } from './index-dir.ts';
import { isAnyWhiteout } from './marks.ts';
import { instantiate, noteOrder } from './inode.ts';
import { lookupLayers, whyUnwantedIndex } from './namei-layers.ts';
import type { Found } from './namei-layers.ts';
import { whyMalformedMetacopy, whyMalformedRedirect } from './namei-single.ts';
import { noteMixedHandles } from './uuid.ts';
import { isMetacopyFile, redirectOf } from './xattrs.ts';

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
    hasXattrWhiteouts: false,
    isHashed: !isDisconnected,
    isDisconnected,
    isConnected: false,
    children: new Map<string, OvlDentry>(),
  };
  inode?.aliases.push(dentry);
  return dentry;
}

/**
 * Looks a name up in a directory, in the dentry cache first. A missing name is negative. While a
 * rename holds two directories a cached directory cannot come here from another place.
 */
export function lookup(
  context: Context,
  parent: OvlDentry,
  name: string,
  { isLocked = false }: { readonly isLocked?: boolean } = {},
): Prediction<OvlDentry> {
  const cached = parent.children.get(name);
  if (cached !== undefined) return succeed(cached);
  if (name.length > BOUND.nameBytes) return fail('ENAMETOOLONG');
  const found = lookupLayers(context, inodeOf(parent), name);
  if (!found.ok) return found;
  let inode: OvlInode | null = null;
  if (found.value.upper !== null || found.value.lowers.length > 0) {
    const made = instantiateFound(context, found.value);
    if (!made.ok) return made;
    inode = made.value;
    const other = inode.type === 'dir' ? cachedName(inode) : undefined;
    if (other !== undefined) {
      noteOrder(context, inode);
      return isLocked ? fail('ESTALE') : moveCached(context, other, parent, name);
    }
  }
  const dentry = newDentry(parent, name, inode);
  dentry.hasUpperAlias = found.value.upper !== null;
  dentry.isOpaque = found.value.isOpaque;
  dentry.hasXattrWhiteouts = found.value.hasXattrWhiteouts;
  parent.children.set(name, dentry);
  return succeed(dentry);
}

function cachedName({ aliases }: OvlInode): OvlDentry | undefined {
  return aliases.findLast((alias) => alias.parent?.children.get(alias.name) === alias);
}

/** A directory that is reached by a second path has left the first, for all the VFS knows. */
function moveCached(
  { rule }: Context,
  dentry: OvlDentry,
  parent: OvlDentry,
  name: string,
): Prediction<OvlDentry> {
  rule('redirect/second-path');
  for (let at: OvlDentry | null = parent; at !== null; at = at.parent) {
    if (at === dentry) return fail('ELOOP');
  }
  moveDentry(dentry, parent, name);
  return succeed(dentry);
}

/** A dentry takes a new place in the cache. */
export function moveDentry(dentry: OvlDentry, parent: OvlDentry, name: string): void {
  dropDentry(dentry);
  dentry.parent = parent;
  dentry.name = name;
  dentry.isHashed = true;
  parent.children.set(name, dentry);
}

/** The inode of what was found; an index entry stands in for an upper that has another name. */
function instantiateFound(context: Context, found: Found): Prediction<OvlInode> {
  const { index: indexDir } = context.world.overlay;
  if (found.origin !== null && indexDir !== null && indexDir.entries.size > 0)
    noteMixedHandles(context, 'index/of-several-without-uuid');
  const index = lookupIndex(context, found.upper, found.origin);
  if (!index.ok) return index;
  const isIndexed = index.value !== null;
  if (found.upper !== null || index.value === null) {
    return instantiate(context, { ...found, isIndexed });
  }
  const { marks } = context.world.overlay;
  const redirect = redirectOf(marks, index.value);
  const malformed =
    whyMalformedRedirect(context, redirect) ?? whyMalformedMetacopy(context, index.value);
  if (malformed !== null) return malformed;
  const isUpperMetacopy = isMetacopyFile(marks, index.value);
  // The path into a data-only layer, which may else be read, is a redirect as well by now.
  const unwanted = whyUnwantedIndex(context, {
    redirect: redirect ?? found.dataPath,
    isMetacopy: isUpperMetacopy,
  });
  const upper = index.value;
  return (
    unwanted ?? instantiate(context, { ...found, isIndexed, upper, redirect, isUpperMetacopy })
  );
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
export function isLowerPositive({ marks }: Pick<Overlay, 'marks'>, dentry: OvlDentry): boolean {
  if (dentry.inode === null) return dentry.isOpaque;
  if (dentry.inode.upper === null) return true;
  const parent = dentry.parent?.inode;
  for (const lower of parent?.lowers ?? []) {
    const below = lower.entries.get(dentry.name);
    if (below !== undefined) return !isAnyWhiteout(marks, below);
  }
  return false;
}

/** Forgets a name, so that the next lookup asks the layers again. */
export function dropDentry(dentry: OvlDentry): void {
  const { parent } = dentry;
  dentry.isHashed = false;
  if (parent?.children.get(dentry.name) === dentry) parent.children.delete(dentry.name);
}
