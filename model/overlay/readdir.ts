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
    translateImpure(context, dentry, inode);
    const entries = realEntries(inode);
    return { id, kind: 'live', dirVersion: inode.dirVersion, entries, cache: null };
  }
  rule('readdir/merged');
  const cache = cacheOf(context, inode);
  return { id, kind: 'snapshot', dirVersion: cache.dirVersion, entries: cache.entries, cache };
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
    if (ino !== null) shown.push({ entry, ino });
  }
  return shown;
}

/**
 * The inode that `..` shows. A merged listing translates the number of a parent that was copied up,
 * a real one that of a merged parent; else it is the real directory above the top most real one.
 */
export function parentIno(
  context: Context,
  dentry: OvlDentry,
  { cache }: Pick<Listing, 'cache'>,
): number | null {
  if (cache === null)
    return translatedParentIno(context, dentry, isMerged) ?? realDotdotIno(inodeOf(dentry));
  cache.dotdotIno ??= translatedParentIno(context, dentry, isOriginType) ?? cache.realDotdotIno;
  return cache.dotdotIno;
}

function translatedParentIno(
  { rule }: Context,
  { parent }: OvlDentry,
  isTranslated: (above: OvlInode) => boolean,
): number | null {
  const above = parent?.inode ?? null;
  if (parent === null || above === null || !isTranslated(above)) return null;
  rule('readdir/translated-parent');
  return identityOf(parent, above, rule).ino;
}

function realDotdotIno(inode: OvlInode): number | null {
  return topOf(inode).parent?.ino ?? null;
}

/** Null when the entry of a merged directory turns out to be gone. */
function entryIno(context: Context, dentry: OvlDentry, entry: DirEntry): number | null {
  if (entry.ino !== null) return entry.ino;
  const found = lookup(context, dentry, entry.name);
  if (!found.ok || found.value.inode === null) return null;
  context.rule('readdir/translated-ino');
  entry.ino = identityOf(found.value, found.value.inode, context.rule).ino;
  return entry.ino;
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
      if (!entries.has(name))
        entries.set(name, mergedEntry(inode, name, real, dir === inode.upper));
    }
  }
  inode.dirCache = {
    dirVersion: inode.dirVersion,
    entries: [...entries.values()],
    realDotdotIno: realDotdotIno(inode),
    dotdotIno: null,
    translated: new Map(),
  };
  return inode.dirCache;
}

/** Numbers from lower layers stand as they are, those of an impure upper are asked for later. */
function mergedEntry(inode: OvlInode, name: string, real: RealInode, isUpper: boolean): DirEntry {
  const ino = isUpper && inode.isImpure ? null : real.ino;
  return { name, type: real.type, isWhiteout: isWhiteout(real), real, isUpper, ino };
}

function realEntries(inode: OvlInode): DirEntry[] {
  const top = topOf(inode);
  const translated = inode.isImpure ? inode.dirCache?.translated : undefined;
  const isUpper = top === inode.upper;
  return Array.from(top.entries, ([name, real]) => {
    const ino = translated?.get(name) ?? real.ino;
    return { name, type: real.type, isWhiteout: isWhiteout(real), real, isUpper, ino };
  });
}

/**
 * Finds out which names of a real impure directory need translation, once for each version of the
 * directory. When none does the mark is taken away.
 */
function translateImpure(context: Context, dentry: OvlDentry, inode: OvlInode): void {
  const { upper } = inode;
  if (!inode.isImpure || upper === null) return;
  if (inode.dirCache?.dirVersion === inode.dirVersion) {
    if (upper.entries.size !== inode.dirCache.translated.size) {
      context.rule('readdir/translation-outlives-link');
    }
    return;
  }
  const translated = new Map<string, number>();
  for (const [name, real] of upper.entries) {
    const found = lookup(context, dentry, name);
    if (!found.ok || found.value.inode === null) continue;
    const identity = identityOf(found.value, found.value.inode, context.rule);
    if (identity !== real) translated.set(name, identity.ino);
  }
  inode.dirCache = {
    dirVersion: inode.dirVersion,
    entries: [],
    realDotdotIno: null,
    dotdotIno: null,
    translated,
  };
  if (translated.size > 0) return;
  context.rule('impure/cleared-by-readdir');
  inode.isImpure = false;
  inode.dirCache = null;
  removeXattr(context.world.fs, upper, IMPURE_NAME);
}
