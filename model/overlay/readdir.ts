import type { Context } from '../ops/op.ts';
import { isWhiteout } from '../layer.ts';
import type { DirCache, DirEntry, Listing, OvlDentry, OvlInode, RealInode } from '../state.ts';
import { identityOf, isMerged, isOriginType, topOf } from './inode.ts';
import { inodeOf, lookup } from './namei.ts';
import { IMPURE_NAME } from './xattrs.ts';
import { removeXattr } from '../layer.ts';

/** What an entry's d_ino is the number of, for a name that a listing shows. */
export interface ShownEntry {
  readonly entry: DirEntry;
  readonly ino: number;
}

/**
 * The entries of a directory, whiteouts included. Merged through the cache of the inode when the
 * directory may hold whiteouts, else those of the one real directory as it is.
 */
export function startListing(context: Context, dentry: OvlDentry): Listing {
  const { world, rule } = context;
  const inode = inodeOf(dentry);
  const id = world.nextListing++;
  if (!inode.mayHoldWhiteouts) {
    rule('readdir/real');
    clearNeedlessImpure(context, dentry, inode);
    return { id, kind: 'live', dirVersion: inode.dirVersion, entries: realEntries(inode) };
  }
  rule('readdir/merged');
  const cache = cacheOf(context, inode);
  return { id, kind: 'snapshot', dirVersion: cache.dirVersion, entries: cache.entries };
}

/** Any change that a listing must notice: always in a merged directory, else only of origins. */
export function bumpDirVersion(dentry: OvlDentry, involvesOrigin: boolean): void {
  const { inode } = dentry;
  if (inode !== null && (inode.mayHoldWhiteouts || involvesOrigin)) inode.dirVersion++;
}

/** What a listing shows, with the inode number of each name. */
export function shownEntries(
  context: Context,
  dentry: OvlDentry,
  { kind, entries }: Pick<Listing, 'kind' | 'entries'>,
): ShownEntry[] {
  const shown: ShownEntry[] = [];
  for (const entry of entries) {
    if (kind === 'snapshot' && entry.isWhiteout) continue;
    const ino = entryIno(context, dentry, entry);
    // A merged listing leaves out what turns out to be gone, a real one shows what it has.
    if (ino !== null) shown.push({ entry, ino });
    else if (kind === 'live') shown.push({ entry, ino: entry.real.ino });
  }
  return shown;
}

/**
 * The inode that `..` shows. A merged listing translates the number of a parent that was copied up,
 * a real one that of a merged parent; else it is the real directory above the top most real one.
 */
export function parentIno(context: Context, dentry: OvlDentry): number | null {
  const inode = inodeOf(dentry);
  if (!inode.mayHoldWhiteouts) return freshParentIno(context, dentry, isMerged);
  const cache = cacheOf(context, inode);
  cache.dotdotIno ??= freshParentIno(context, dentry, isOriginType);
  return cache.dotdotIno;
}

function freshParentIno(
  { rule }: Context,
  dentry: OvlDentry,
  isTranslated: (above: OvlInode) => boolean,
): number | null {
  const { parent } = dentry;
  const above = parent?.inode ?? null;
  if (parent === null || above === null || !isTranslated(above)) {
    return topOf(inodeOf(dentry)).parent?.ino ?? null;
  }
  rule('readdir/translated-parent');
  return identityOf(parent, above, rule).ino;
}

/** Null when the entry turns out to be gone. */
function entryIno(context: Context, dentry: OvlDentry, entry: DirEntry): number | null {
  const inode = inodeOf(dentry);
  if (!entry.isUpper || !inode.isImpure) return entry.real.ino;
  const found = lookup(context, dentry, entry.name);
  if (!found.ok || found.value.inode === null) return null;
  context.rule('readdir/translated-ino');
  return identityOf(found.value, found.value.inode, context.rule).ino;
}

/** The merged listing: the one that an open file keeps alive, or a new one. */
function cacheOf({ world }: Context, inode: OvlInode): DirCache {
  const { dirCache } = inode;
  if (dirCache?.dirVersion === inode.dirVersion) {
    if (world.slots.some((file) => file?.cache === dirCache)) return dirCache;
  }
  const entries = new Map<string, DirEntry>();
  const layers = inode.upper === null ? inode.lowers : [inode.upper, ...inode.lowers];
  for (const dir of layers) {
    for (const [name, real] of dir.entries) {
      if (!entries.has(name)) entries.set(name, entryOf(name, real, dir === inode.upper));
    }
  }
  inode.dirCache = {
    dirVersion: inode.dirVersion,
    entries: [...entries.values()],
    dotdotIno: null,
  };
  return inode.dirCache;
}

function realEntries(inode: OvlInode): DirEntry[] {
  const top = topOf(inode);
  return Array.from(top.entries, ([name, real]) => entryOf(name, real, top === inode.upper));
}

function entryOf(name: string, real: RealInode, isUpper: boolean): DirEntry {
  return { name, type: real.type, isWhiteout: isWhiteout(real), real, isUpper };
}

/** Reading an impure directory in which no number needs translation takes the mark away. */
function clearNeedlessImpure(context: Context, dentry: OvlDentry, inode: OvlInode): void {
  const { upper } = inode;
  if (!inode.isImpure || upper === null) return;
  if (inode.dirCache?.dirVersion === inode.dirVersion) return;
  inode.dirCache = { dirVersion: inode.dirVersion, entries: [], dotdotIno: null };
  for (const [name, real] of upper.entries) {
    const found = lookup(context, dentry, name);
    if (!found.ok || found.value.inode === null) continue;
    if (identityOf(found.value, found.value.inode, context.rule) !== real) return;
  }
  context.rule('impure/cleared-by-readdir');
  inode.isImpure = false;
  inode.dirCache = null;
  removeXattr(context.world.fs, upper, IMPURE_NAME);
}
