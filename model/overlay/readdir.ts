import type { Context } from '../ops/op.ts';
import { fsOfIno } from '../ino.ts';
import { isWhiteout, listed } from '../layer.ts';
import { succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { ALL_READ } from '../listing.ts';
import type { DirCache, DirEntry, Listing } from '../listing.ts';
import type { OvlDentry, OvlInode } from '../state.ts';
import type { RealInode } from '../state.ts';
import { NOT_ASKED, realDots, translatesNumbers } from './dots.ts';
import { isOriginType, remapped, shownIdentity, topOf } from './inode.ts';
import { inodeOf, lookup } from './namei.ts';
import { layerOf } from './namei-layers.ts';
import { removeImpure } from './xattrs.ts';

/** What an entry's d_ino is the number of, for a name that a listing shows. */
export interface ShownEntry {
  readonly entry: DirEntry;
  readonly ino: number;
}

/**
 * The entries of a directory, whiteouts included. Merged through the cache of the inode when the
 * directory may hold whiteouts, else those of the one real directory as it is.
 */
export function startListing(context: Context, dentry: OvlDentry): Prediction<Listing> {
  const { world, rule } = context;
  const inode = inodeOf(dentry);
  const id = world.nextListing++;
  if (!inode.mayHoldWhiteouts) {
    rule('readdir/real');
    const why = whyNotListed(context, dentry);
    if (why !== null) return why;
    const entries = realEntries(context, inode);
    const { dirVersion } = inode;
    const live = { id, kind: 'live', dirVersion, entries, cache: null, emitted: 0 } as const;
    return succeed({ ...live, ...realDots(inode) });
  }
  rule('readdir/merged');
  const cache = cacheOf(context, dentry, inode);
  const { dirVersion, entries, realDotIno, realDotdotIno } = cache;
  const snapshot = { id, kind: 'snapshot', dirVersion, entries, cache, emitted: 0 } as const;
  return succeed({ ...snapshot, realDotIno, realDotdotIno });
}

/** Each call that lists one real directory first finds out what to translate, if it is impure. */
export function whyNotListed(context: Context, dentry: OvlDentry): Failure | null {
  return translatesNumbers(context) ? translateImpure(context, dentry, inodeOf(dentry)) : null;
}

/** Any change that a listing must notice: always in a merged directory, else only of origins. */
export function bumpDirVersion(dentry: OvlDentry, involvesOrigin: boolean): void {
  const { inode } = dentry;
  if (inode === null) return;
  if (inode.mayHoldWhiteouts || involvesOrigin) inode.dirVersion++;
  // The attributes of upper are taken over with it.
  delete inode.stale;
}

/** What a listing shows, with the inode number of each name, and why it leaves others out. */
export function shownEntries(
  context: Context,
  dentry: OvlDentry,
  { kind, entries }: Pick<Listing, 'kind' | 'entries'>,
): { readonly shown: ShownEntry[]; readonly failures: readonly Failure[] } {
  const shown: ShownEntry[] = [];
  const failures: Failure[] = [];
  for (const entry of entries) {
    if (kind === 'snapshot' && entry.isWhiteout) continue;
    const ino = entryIno(context, dentry, entry);
    if (!ino.ok) failures.push(ino);
    // The call fails, and the next one goes on: behind that name, or with it.
    const shownIno = ino.ok ? ino.value : showsStale(context) ? entry.ino : null;
    if (shownIno !== null) shown.push({ entry, ino: shownIno });
  }
  return { shown, failures };
}

function showsStale({ semantics }: Context): boolean {
  return semantics.behaviour.staleNames === 'shown';
}

/** Null when the entry of a merged directory turns out to be gone. */
function entryIno(context: Context, dentry: OvlDentry, entry: DirEntry): Prediction<number | null> {
  if (entry.ino !== null && !entry.isChecked) return succeed(entry.ino);
  const found = lookup(context, dentry, entry.name);
  if (showsStale(context) && (!found.ok || found.value.inode === null)) {
    context.rule('readdir/shows-stale-name');
    entry.ino = entry.real.ino;
    return found.ok ? succeed(entry.ino) : found;
  }
  // The listing goes without such a name from now on, even if it comes back.
  entry.isWhiteout = !found.ok || found.value.inode === null;
  if (!found.ok) {
    context.rule('readdir/leaves-out-unreadable');
    return found;
  }
  if (found.value.inode === null) {
    if (entry.isChecked) context.rule('readdir/hides-xattr-whiteout');
    return succeed(null);
  }
  if (entry.ino !== null || !translatesNumbers(context)) {
    // A number that was translated before is not this time.
    if (entry.ino !== null && entry.ino !== entry.real.ino)
      context.rule('readdir/check-forgets-ino');
    entry.ino = entry.real.ino;
    return succeed(entry.ino);
  }
  context.rule('readdir/translated-ino');
  const { inode } = found.value;
  entry.ino = isOriginType(inode)
    ? shownIdentity(context, found.value, inode).ino
    : plainIno(context, inode, entry.real);
  return succeed(entry.ino);
}

/** What is in upper by now is taken to be of its file system, wherever the listing has it from. */
function plainIno({ world: { overlay } }: Context, inode: OvlInode, real: RealInode): number {
  if (inode.upper !== null) return real.ino;
  return remapped(overlay, real.ino, fsOfIno((inode.lowers[0] ?? real).ino));
}

/** The merged listing: the one that an open file keeps alive, or a new one. */
function cacheOf(context: Context, dentry: OvlDentry, inode: OvlInode): DirCache {
  const { world } = context;
  const { dirCache } = inode;
  if (dirCache?.dirVersion === inode.dirVersion) {
    if (world.slots.some((file) => file?.cache === dirCache)) return dirCache;
  }
  const entries = new Map<string, DirEntry>();
  const layers = inode.upper === null ? inode.lowers : [inode.upper, ...inode.lowers];
  for (const dir of layers) {
    const isUpper = dir === inode.upper;
    const mayBeFiles = !isUpper && maySeeXattrWhiteouts(context, dentry, dir);
    for (const [name, real] of listed(dir)) {
      if (!entries.has(name))
        entries.set(name, mergedEntry(context, inode, { name, real, isUpper, mayBeFiles }));
    }
  }
  // Alone it is in order already.
  const lowest = layers.length > 1 ? layers.at(-1) : undefined;
  const first =
    lowest === undefined ? [] : listed(lowest).flatMap(([name]) => entries.get(name) ?? []);
  inode.dirCache = {
    dirVersion: inode.dirVersion,
    // Names of the lowest layer come first.
    entries: [...new Set([...first, ...entries.values()])],
    ...realDots(inode),
    dotdot: NOT_ASKED,
    unread: ALL_READ,
    translated: new Map(),
  };
  return inode.dirCache;
}

/** A name as one layer of a merged directory has it. */
interface Listed extends Pick<DirEntry, 'name' | 'real' | 'isUpper'> {
  /** Files in the layer may be whiteouts. */
  readonly mayBeFiles: boolean;
}

/**
 * Numbers from lower layers stand as they are but for xino, those of an impure upper are asked for
 * later.
 */
function mergedEntry(
  { world: { overlay } }: Context,
  inode: OvlInode,
  { name, real, isUpper, mayBeFiles }: Listed,
): DirEntry {
  const { xinoBits } = overlay;
  const isAskedLater = xinoBits === 0 ? isUpper && inode.isImpure : xinoBits !== null;
  const ino = isAskedLater ? null : real.ino;
  const isChecked = mayBeFiles && real.type === 'file';
  return { name, type: real.type, isWhiteout: isWhiteout(real), isChecked, real, isUpper, ino };
}

/**
 * Whether files of a lower directory are looked up before they are shown: where the directory is
 * merged with one that says so, and any directory of the layer does.
 */
function maySeeXattrWhiteouts(
  { world: { overlay } }: Context,
  { hasXattrWhiteouts }: OvlDentry,
  dir: RealInode,
): boolean {
  if (!hasXattrWhiteouts) return false;
  const layer = overlay.lowers[layerOf(overlay.lowers, dir)];
  return layer !== undefined && overlay.xattrWhiteoutLayers.has(layer);
}

/** The number that a listing of the one real directory shows of a name, as things stand now. */
export function liveIno(
  { world: { overlay } }: Context,
  inode: OvlInode,
  { name, real }: Pick<DirEntry, 'name' | 'real'>,
): number {
  const translated = inode.isImpure ? inode.dirCache?.translated : undefined;
  return translated?.get(name) ?? remapped(overlay, real.ino);
}

function realEntries(context: Context, inode: OvlInode): DirEntry[] {
  const top = topOf(inode);
  const isUpper = top === inode.upper;
  return Array.from(top.entries, ([name, real]) => {
    const ino = liveIno(context, inode, { name, real });
    const isChecked = false;
    return { name, type: real.type, isWhiteout: isWhiteout(real), isChecked, real, isUpper, ino };
  });
}

/**
 * Finds out which names of a real impure directory need translation, once for each version of the
 * directory. When none does the mark is taken away.
 */
function translateImpure(context: Context, dentry: OvlDentry, inode: OvlInode): Failure | null {
  const { upper } = inode;
  if (!inode.isImpure || upper === null) return null;
  if (inode.dirCache?.dirVersion === inode.dirVersion) {
    if (upper.entries.size !== inode.dirCache.translated.size) {
      context.rule('readdir/translation-outlives-link');
    }
    return null;
  }
  inode.dirCache = null;
  const translated = new Map<string, number>();
  const failures: Failure[] = [];
  for (const [name, real] of listed(upper)) {
    const found = lookup(context, dentry, name);
    if (!found.ok) {
      failures.push(found);
      continue;
    }
    if (found.value.inode === null) continue;
    const { inode: shown } = found.value;
    const { ino } = shownIdentity(context, found.value, shown);
    if (isOriginType(shown) && ino !== real.ino) translated.set(name, ino);
  }
  if (failures.length > 0) {
    context.rule('readdir/impure-unreadable');
    // The first of them ends it, and which one is first is the file system's to say.
    const errnos = new Set(failures.flatMap(({ anyOf }) => anyOf));
    return { ok: false, anyOf: [...errnos] };
  }
  inode.dirCache = {
    dirVersion: inode.dirVersion,
    entries: [],
    ...realDots(inode),
    dotdot: NOT_ASKED,
    unread: ALL_READ,
    translated,
  };
  if (translated.size > 0) return null;
  context.rule('impure/cleared-by-readdir');
  inode.isImpure = false;
  inode.dirCache = null;
  removeImpure(context.world, upper);
  return null;
}
