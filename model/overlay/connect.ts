import { indexName } from '../disk-names.ts';
import { isAtOrBelow } from '../layer.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Prediction } from '../prediction.ts';
import type { Overlay, OvlDentry, OvlInode, RealInode } from '../state.ts';
import { anyAlias } from './alias.ts';
import { inodeOf, lookup } from './namei.ts';
import { upperInoOf } from './xattrs.ts';

/** Every failure to find a directory again looks the same from outside. */
const STALE = fail('ESTALE');

/** The layer that a real directory is in: 0 is upper, then the lower ones from the top. */
export function layerOf(overlay: Overlay, dir: RealInode): number {
  let at = dir;
  while (!isLayerRoot(overlay, at) && at.parent !== null) at = at.parent;
  return at === overlay.upper ? 0 : overlay.lowers.indexOf(at) + 1;
}

function isLayerRoot({ upper, lowers }: Overlay, dir: RealInode): boolean {
  return dir === upper || lowers.includes(dir);
}

/**
 * The dentry of a real directory: from the nearest directory above it that the overlay knows, down
 * by the names that the layer has.
 */
export function connectedDentry(context: Context, real: RealInode): Prediction<OvlDentry> {
  const { overlay } = context.world;
  const layer = layerOf(overlay, real);
  if (layer === 0 && !isAtOrBelow(real, overlay.upper)) return STALE;
  const ancestor = knownAncestor(context, real, layer);
  if (!ancestor.ok) return ancestor;
  let dentry = ancestor.value;
  for (;;) {
    const known = realAt(context, inodeOf(dentry), layer);
    if (known === real) return succeed(dentry);
    const next = childTowards(overlay, real, known);
    // The known directory is not above: start at the root.
    if (next === null) {
      if (dentry === overlay.root) return STALE;
      dentry = overlay.root;
      continue;
    }
    const found = lookupReal(context, dentry, next, layer);
    if (!found.ok) return found;
    dentry = found.value;
  }
}

/** The directory on the way from a known one down to another; null when it is not below. */
function childTowards(
  overlay: Overlay,
  real: RealInode,
  known: RealInode | null,
): RealInode | null {
  for (let at = real; ;) {
    const { parent } = at;
    if (parent === null || isLayerRoot(overlay, at)) return null;
    if (parent === known) return at;
    at = parent;
  }
}

function lookupReal(
  context: Context,
  parent: OvlDentry,
  real: RealInode,
  layer: number,
): Prediction<OvlDentry> {
  const name = nameOf(real);
  if (name === null) return STALE;
  const found = lookup(context, parent, name);
  if (!found.ok || found.value.inode === null) return STALE;
  return realAt(context, found.value.inode, layer) === real ? found : STALE;
}

function nameOf(real: RealInode): string | null {
  for (const [name, inode] of real.parent?.entries ?? []) if (inode === real) return name;
  return null;
}

function knownAncestor(context: Context, real: RealInode, layer: number): Prediction<OvlDentry> {
  const { overlay } = context.world;
  for (let at: RealInode | null = real; at !== null; at = at.parent) {
    if (isLayerRoot(overlay, at)) return succeed(overlay.root);
    const known = knownDentry(context, at, layer);
    if (!known.ok) return known;
    if (known.value !== null) return succeed(known.value);
  }
  return STALE;
}

/** What the caches or the index know of a real directory. */
function knownDentry(
  context: Context,
  real: RealInode,
  layer: number,
): Prediction<OvlDentry | null> {
  const { world } = context;
  const cached = world.overlay.inodes.get(real);
  let dentry = cached === undefined ? null : anyAlias(world, cached);
  if (dentry === null && layer > 0) {
    const upper = upperOf(context, real);
    if (!upper.ok) return upper;
    if (upper.value === null) return succeed(null);
    const found = connectedDentry(context, upper.value);
    if (!found.ok) return found;
    dentry = found.value;
  }
  if (dentry === null) return succeed(null);
  return realAt(context, inodeOf(dentry), layer) === real ? succeed(dentry) : STALE;
}

/** The upper directory that the index has for a lower one; null when it has no entry. */
export function upperOf({ world }: Context, lower: RealInode): Prediction<RealInode | null> {
  const entry = world.overlay.index?.entries.get(indexName(lower.ino));
  if (entry === undefined) return succeed(null);
  if (entry.type !== 'dir') return STALE;
  const upper = world.fs.byIno.get(upperInoOf(world, entry) ?? 0);
  return upper === undefined || upper.nlink === 0 ? STALE : succeed(upper);
}

/** The real directory of one layer that an overlay directory has. */
function realAt({ world: { overlay } }: Context, inode: OvlInode, layer: number): RealInode | null {
  if (layer === 0) return inode.upper;
  return inode.lowers.find((lower) => layerOf(overlay, lower) === layer) ?? null;
}
