import type { Context } from '../ops/op.ts';
import { BOUND } from '../flags.ts';
import { isWhiteout } from '../layer.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { OvlDentry, OvlInode, RealInode } from '../state.ts';
import { lookupIndex } from './index-dir.ts';
import { instantiate } from './inode.ts';
import { hasOrigin, isOpaqueDir, originInoOf, setImpure, setOrigin } from './xattrs.ts';

/** What the layers have under one name of a directory. */
interface Found {
  readonly upper: RealInode | null;
  readonly lowers: RealInode[];
  /** Upper hides what is below: an opaque directory, a whiteout, or anything but a directory. */
  readonly isOpaque: boolean;
}

export function newDentry(
  parent: OvlDentry | null,
  name: string,
  inode: OvlInode | null,
): OvlDentry {
  return {
    parent,
    name,
    inode,
    hasUpperAlias: inode?.upper != null,
    isOpaque: false,
    isHashed: true,
    children: new Map(),
  };
}

/** Looks a name up in a directory, in the dentry cache first. A missing name is negative. */
export function lookup(context: Context, parent: OvlDentry, name: string): Prediction<OvlDentry> {
  const cached = parent.children.get(name);
  if (cached !== undefined) return succeed(cached);
  if (name.length > BOUND.nameBytes) return fail('ENAMETOOLONG');
  const found = lookupLayers(context, inodeOf(parent), name);
  let inode: OvlInode | null = null;
  if (found.upper !== null || found.lowers.length > 0) {
    const index = indexOf(context, found);
    if (!index.ok) return index;
    const upper = found.upper ?? index.value;
    const { lowers } = found;
    const made = instantiate(context, { upper, lowers, isIndexed: index.value !== null });
    if (!made.ok) return made;
    inode = made.value;
  }
  const dentry = newDentry(parent, name, inode);
  dentry.hasUpperAlias = found.upper !== null;
  dentry.isOpaque = found.isOpaque;
  parent.children.set(name, dentry);
  return succeed(dentry);
}

/** The index entry of what was found, which stands in for an upper that has another name. */
function indexOf(context: Context, { upper, lowers }: Found): Prediction<RealInode | null> {
  const [lower] = lowers;
  if (lower === undefined || lower.type === 'dir') return succeed(null);
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

function lookupLayers(context: Context, dir: OvlInode, name: string): Found {
  const { rule } = context;
  const upper = dir.upper?.entries.get(name) ?? null;
  const lowers: RealInode[] = [];
  if (upper !== null) {
    if (isWhiteout(upper)) {
      rule('whiteout/upper-hides');
      return { upper: null, lowers, isOpaque: true };
    }
    if (upper.type !== 'dir') {
      const origin = decodeOrigin(context, upper);
      if (origin !== null) lowers.push(origin);
      return { upper, lowers, isOpaque: true };
    }
    if (isOpaqueDir(upper)) {
      rule('opaque/hides-lower');
      return { upper, lowers, isOpaque: true };
    }
  }
  collectLowers(context, dir, name, upper, lowers);
  return { upper, lowers, isOpaque: false };
}

function collectLowers(
  context: Context,
  dir: OvlInode,
  name: string,
  upper: RealInode | null,
  lowers: RealInode[],
): void {
  const { world, rule } = context;
  for (const layer of dir.lowers) {
    const below = layer.entries.get(name);
    if (below === undefined) continue;
    if (isWhiteout(below)) {
      rule('whiteout/lower-hides');
      return;
    }
    if (below.type !== 'dir') {
      if (upper === null && lowers.length === 0) lowers.push(below);
      else rule('merge/stops-at-file');
      return;
    }
    if (upper !== null && lowers.length === 0 && !hasOrigin(upper)) {
      rule('origin/fixed-by-lookup');
      setOrigin(world.fs, upper, below);
      markImpure(context, dir);
    }
    lowers.push(below);
    if (isOpaqueDir(below)) {
      rule('opaque/lower-stops-merge');
      return;
    }
  }
  if (lowers.length + (upper === null ? 0 : 1) > 1) rule('merge/directories');
}

/** Notes on an upper directory that entries of it may show inode numbers from below. */
export function markImpure({ world, rule }: Context, dir: OvlInode): void {
  if (dir.isImpure || dir.upper === null) return;
  rule('impure/marked');
  setImpure(world.fs, dir.upper);
  dir.isImpure = true;
}

function decodeOrigin({ world, rule }: Context, upper: RealInode): RealInode | null {
  const ino = originInoOf(upper);
  if (ino === null) return null;
  const origin = world.fs.byIno.get(ino);
  if (origin === undefined || origin.nlink === 0 || origin.type !== upper.type) return null;
  rule('origin/decoded');
  return origin;
}
