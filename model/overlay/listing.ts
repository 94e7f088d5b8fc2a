import type { Context } from '../ops/op.ts';
import type { DirentsView } from '../observation.ts';
import { succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { Errno } from '../errno.ts';
import { ALL_READ } from '../listing.ts';
import type { DirEntry, Listing } from '../listing.ts';
import type { FileType, OpenFile, OvlDentry, RealInode } from '../state.ts';
import { ownDotIno, parentIno, realDots, translatesNumbers } from './dots.ts';
import { profileOf } from '../bases.ts';
import { topOf } from './inode.ts';
import { mayHaveDotsLate, reachOf } from './listing-room.ts';
import type { Reach } from './listing-room.ts';
import { inodeOf, lookup } from './namei.ts';
import { liveIno, shownEntries, startListing, whyNotListed } from './readdir.ts';

interface Expected {
  readonly ino: number | null;
  readonly type: FileType;
}

/** What the rest of a pass over a directory returns, as the directory stands now. */
export function continueListing(
  context: Context,
  file: OpenFile,
  room: number,
): Prediction<DirentsView> {
  const begun =
    file.listing === null ? beginListing(context, file) : goOn(context, file, file.listing);
  if (!begun.ok) return begun;
  const listing = begun.value;
  file.listing = listing;
  file.position = Number.NaN;
  if (listing.kind === 'unknown') {
    return succeed({ listing: listing.id, must: new Map(), may: null, repeats: true });
  }
  const must = new Map<string, Expected>();
  const may = new Set<string>();
  const dotsLate = mayHaveDotsLate(file);
  const reach = reachOf(listing, room, { dotsLate });
  const { looksUp, emitted, asksParent } = reach;
  const unasked = listing.entries.filter(isAskedLater).length;
  const { shown, failures } = looksUp
    ? shownEntries(context, file.dentry, listing)
    : { shown: knownEntries(listing), failures: [] };
  const unless = looksUp ? mayFailWith(listing, reach, failures) : [];
  listing.emitted = unless.length > 0 ? null : emitted;
  const isCut = failures.length > 0 || !reach.isWhole;
  if (looksUp && isCut && isOrderSeen(context, listing, unasked - failures.length, { dotsLate }))
    context.world.isOrderOpen = true;
  for (const { entry, ino } of shown) {
    if (isStillThere(context, file.dentry, listing, entry, { looksUp })) {
      // A name may have come back since, and is then translated no more.
      const current = listing.kind === 'live' ? liveIno(context, file.inode, entry) : ino;
      must.set(entry.name, { ino: current, type: entry.type });
    } else {
      may.add(entry.name);
    }
  }
  const repeats =
    listing.kind === 'live' &&
    may.size > 0 &&
    context.semantics.behaviour.tmpfsListing === 'repeats after a removal';
  if (repeats) context.rule('readdir/repeats-after-removal');
  if (listing.kind === 'live') {
    context.rule('readdir/live');
    for (const [name, real] of topOf(inodeOf(file.dentry)).entries) {
      if (!must.has(name) && isListed(context, file, name, real)) may.add(name);
    }
  } else if (inodeOf(file.dentry).dirVersion !== listing.dirVersion) {
    context.rule('readdir/snapshot-outlives-change');
    for (const { name, isWhiteout } of listing.entries) {
      if (!isWhiteout && !must.has(name)) may.add(name);
    }
  }
  must.set('.', { ino: ownDotIno(context, file.dentry, listing), type: 'dir' });
  must.set('..', { ino: parentIno(context, file.dentry, listing, asksParent), type: 'dir' });
  const view = { listing: listing.id, must, may, repeats };
  return unless.length > 0 ? { ok: true, value: view, unless } : succeed(view);
}

/** A name that cannot be looked up ends a call; only when it comes first does the call fail. */
function mayFailWith(
  { cache }: Listing,
  { isWhole }: Pick<Reach, 'isWhole'>,
  failures: readonly Failure[],
): readonly Errno[] {
  const { calls, errnos: left } = cache?.unread ?? ALL_READ;
  const errnos = [...left, ...failures.flatMap(({ anyOf }) => anyOf)];
  // Without room for all it may not come to the first of them.
  const after = calls + failures.length - (isWhole ? 1 : 0);
  if (cache !== null) cache.unread = after > 0 ? { calls: after, errnos } : ALL_READ;
  return errnos;
}

/** Which names were looked up is their order, until all are, or for good where each look counts. */
function isOrderSeen(
  { world }: Context,
  { entries }: Pick<Listing, 'entries'>,
  unasked: number,
  { dotsLate }: { readonly dotsLate: boolean },
): boolean {
  const hasOrder = dotsLate || entries.length > 1;
  const isLookedAtAgain = hasOrder && entries.some(({ isChecked }) => isChecked);
  return isLookedAtAgain || (world.looksAtEnd && unasked > 0);
}

function goOn(context: Context, { dentry }: OpenFile, listing: Listing): Prediction<Listing> {
  if (listing.kind !== 'live') return succeed(listing);
  const dots = realDots(inodeOf(dentry));
  // A copy that was made since is not listed, and not asked what to translate.
  if (dots.realDotIno !== listing.realDotIno) return succeed(listing);
  // The directory may be in another one by now, which may have been read already.
  const isMoved = dots.realDotdotIno !== listing.realDotdotIno;
  const isOpen = isMoved && profileOf(topOf(inodeOf(dentry))).gathersNames;
  const now = isOpen ? { ...dots, realDotdotIno: null } : dots;
  return whyNotListed(context, dentry) ?? succeed({ ...listing, ...now });
}

function isAskedLater({ isWhiteout, isChecked, ino }: DirEntry): boolean {
  return !isWhiteout && (ino === null || isChecked);
}

/** What is listed without a look at any of the names: their numbers may not be known yet. */
function knownEntries({ entries }: Listing): { entry: DirEntry; ino: number | null }[] {
  return entries
    .filter(({ isWhiteout }) => !isWhiteout)
    .map((entry) => ({ entry, ino: entry.ino }));
}

/** Whether a name that a real directory has now is shown to who opened it some time ago. */
function isListed(
  { semantics: { behaviour }, rule }: Context,
  { names }: OpenFile,
  name: string,
  real: RealInode,
): boolean {
  if (names === null || behaviour.btrfsListing === 'what is there') return true;
  if (names.get(name) === real) return true;
  rule('readdir/names-of-open-time');
  return false;
}

/** From anywhere but the start, what a pass returns is not known; a cache is made or kept. */
export function beginListing(context: Context, file: OpenFile): Prediction<Listing> {
  const listing = startListing(context, file.dentry);
  if (!listing.ok) return listing;
  if (file.position === 0) {
    file.cache = listing.value.cache;
    const { kind, entries } = listing.value;
    if (kind !== 'live' || file.names === null) return listing;
    const listed = entries.filter(({ name, real }) => isListed(context, file, name, real));
    return succeed({ ...listing.value, entries: listed });
  }
  file.cache ??= listing.value.cache;
  return succeed({ ...listing.value, kind: 'unknown' });
}

/**
 * Whether the pass must return an entry. A snapshot returns what has gone since, except that a name
 * whose inode number is asked for late is then noticed to be gone.
 */
function isStillThere(
  context: Context,
  dentry: OvlDentry,
  listing: Listing,
  { name, real, isUpper, isChecked }: DirEntry,
  { looksUp }: { readonly looksUp: boolean },
): boolean {
  const inode = inodeOf(dentry);
  if (listing.kind === 'live') return topOf(inode).entries.get(name) === real;
  if (inode.dirVersion === listing.dirVersion) return true;
  if (context.semantics.behaviour.staleNames === 'shown') return true;
  // Only a number that is asked for late shows that a name is gone.
  const isAsked = translatesNumbers(context) && (isUpper || context.world.overlay.xinoBits !== 0);
  if (!isAsked && !isChecked) return true;
  if (!looksUp) return false;
  const found = lookup(context, dentry, name);
  return found.ok && found.value.inode !== null;
}
