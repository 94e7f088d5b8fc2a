import { isKept } from '../file-flags.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import { whyNoXattr } from '../room.ts';
import type { Overlay, OvlInode, RealInode } from '../state.ts';
import { dataByOrigin, decodeOrigin, isNotOrigin } from './data-by-origin.ts';
import { searchLayer } from './namei-single.ts';
import type { Search } from './namei-single.ts';
import { whyRealKept } from './flags.ts';
import { hasOrigin, originInoOf, setImpure, setOrigin } from './xattrs.ts';

/** What the layers have under one name of a directory. */
export interface Found {
  readonly upper: RealInode | null;
  readonly lowers: readonly RealInode[];
  /** The path under which data-only layers have the data, if that is where it is. */
  readonly dataPath: string | null;
  /** Upper hides what is below: an opaque directory or a whiteout. */
  readonly isOpaque: boolean;
  /** Where the upper object says that its lower part is. */
  readonly redirect: string | null;
  /** The upper object is a file whose data is still below. */
  readonly isUpperMetacopy: boolean;
  /** A lower directory says that it may hold xattr whiteouts. */
  readonly hasXattrWhiteouts: boolean;
  /** The lower object that an index entry may stand for. */
  readonly origin: RealInode | null;
}

/** What the lower layers have. */
interface Below {
  readonly lowers: RealInode[];
  readonly dataPath: string | null;
}

/** Looks a name of a directory up in the upper layer, then in the lower ones from the top. */
export function lookupLayers(context: Context, dir: OvlInode, name: string): Prediction<Found> {
  const follows = readsRedirects(context.world.overlay);
  const search: Search = {
    name,
    redirect: null,
    isRedirectAbsolute: false,
    isDir: false,
    isDone: false,
    isOpaque: false,
    isMetacopy: false,
    isLast: !follows && dir.lowers.length === 0,
    layer: null,
    hasXattrWhiteouts: false,
  };
  const inUpper = dir.upper === null ? succeed(null) : searchLayer(context, search, dir.upper);
  if (!inUpper.ok) return inUpper;
  const upper = inUpper.value;
  const { redirect, isOpaque, isMetacopy: isUpperMetacopy } = search;
  if (isOpaque) context.rule(upper === null ? 'whiteout/upper-hides' : 'opaque/hides-lower');
  const byOrigin = isUpperMetacopy ? dataByOrigin(context, upper) : null;
  if (byOrigin !== null) search.isMetacopy = false;
  const below =
    byOrigin === null
      ? collectLowers(context, dir, search, { upper, isUpperMetacopy })
      : succeed({ lowers: byOrigin, dataPath: null });
  if (!below.ok) return below;
  const { lowers, dataPath } = below.value;
  if (search.isMetacopy || (isUpperMetacopy && lowers.length === 0)) {
    context.rule('metacopy/no-data');
    return fail('EIO');
  }
  if (search.isDir && lowers.length + (upper === null ? 0 : 1) > 1) {
    context.rule('merge/directories');
  }
  const decoded = upper === null || search.isDir ? null : decodeOrigin(context, upper);
  if (decoded !== null && lowers.length === 0) lowers.push(decoded);
  const origin = upper === null || search.isDir ? (lowers[0] ?? null) : decoded;
  const { hasXattrWhiteouts } = search;
  return succeed({
    ...{ upper, lowers, dataPath, isOpaque, redirect },
    ...{ isUpperMetacopy, hasXattrWhiteouts, origin },
  });
}

/** Goes down the lower layers of the directory, or all there are after an absolute redirect. */
function collectLowers(
  context: Context,
  dir: OvlInode,
  search: Search,
  { upper, isUpperMetacopy }: Pick<Found, 'upper' | 'isUpperMetacopy'>,
): Prediction<Below> {
  const { overlay } = context.world;
  const follows = readsRedirects(overlay);
  const isStrict = context.semantics.behaviour.unwantedMark === 'refused wherever it is';
  const lowers: RealInode[] = [];
  let above = upper;
  let isFromRoot = isAbsolute(search);
  let stack: readonly RealInode[] = isFromRoot ? overlay.lowers : dir.lowers;
  for (let index = 0; !search.isDone && index < stack.length; index++) {
    const unwanted = isStrict
      ? (whyNoData(context, search) ?? whyNotFollowed(context, search))
      : null;
    if (unwanted !== null) return unwanted;
    const from = stack[index];
    if (from === undefined) break;
    const layer = layerOf(overlay.lowers, from);
    search.layer = overlay.lowers[layer] ?? null;
    if (!follows) search.isLast = index === stack.length - 1;
    // With data-only layers below it, a file of the lowest merged layer may point down as well.
    else if (search.isDir || overlay.dataLayers.length === 0) {
      search.isLast = layer === overlay.lowers.length - 1;
    }
    const searched = searchLayer(context, search, from);
    if (!searched.ok) return searched;
    noteHidden(context, search, searched.value);
    if (searched.value === null) continue;
    const wantsData = search.isMetacopy || isUpperMetacopy;
    const noData = isStrict ? null : whyNoData(context, { isMetacopy: wantsData });
    if (noData !== null) return noData;
    const isFirstDir = search.isDir && lowers.length === 0;
    const unfixed = isFirstDir ? fixOrigin(context, dir, upper, searched.value) : null;
    if (unfixed !== null) return unfixed;
    if (isFirstDir && isOther(context, upper, searched.value)) break;
    const end = proposedEnd(context, search, above, { found: searched.value, lowers });
    if (end !== null) return end;
    above = searched.value;
    if (lowers.length === 0 && isOtherFile(context, upper, searched.value)) return fail('ESTALE');
    // Of several files without data the top most one lends its attributes.
    if (!search.isMetacopy || lowers.length === 0) lowers.push(searched.value);
    const refused = isStrict ? null : whyNotFollowed(context, search);
    if (refused !== null) return refused;
    if (isAbsolute(search) && !isFromRoot) {
      isFromRoot = true;
      stack = overlay.lowers;
      index = layer;
    }
  }
  if (isInDataLayer(context, search, lowers)) {
    search.isMetacopy = false;
    return succeed({ lowers, dataPath: search.redirect });
  }
  const unwanted = isStrict
    ? (whyNoData(context, search) ?? whyNotFollowed(context, search))
    : null;
  return unwanted ?? succeed({ lowers, dataPath: null });
}

/** How the search ends by rules that are proposed, and no kernel has; null where it goes on. */
function proposedEnd(
  context: Context,
  search: Search,
  above: RealInode | null,
  { found, lowers }: { readonly found: RealInode; readonly lowers: readonly RealInode[] },
): Prediction<Below> | null {
  if (isNotOrigin(context, above, found)) {
    return search.isDir ? succeed({ lowers: [...lowers], dataPath: null }) : fail('ESTALE');
  }
  if (!search.isMetacopy) return null;
  if (!context.world.overlay.config.metacopyBelow) {
    context.rule('metacopy/upper-only');
    return fail('EPERM');
  }
  const below = dataByOrigin(context, found);
  if (below === null) return null;
  search.isMetacopy = false;
  return succeed({ lowers: [lowers[0] ?? found, ...below.slice(-1)], dataPath: null });
}

/** The data is in no merged layer, and what was looked at last names a path. */
function isInDataLayer(
  { world, rule }: Context,
  { isMetacopy, isRedirectAbsolute }: Search,
  lowers: readonly RealInode[],
): boolean {
  if (!isMetacopy || !isRedirectAbsolute || lowers.length === 0) return false;
  if (world.overlay.dataLayers.length === 0) return false;
  rule('data-only/named-by-path');
  return true;
}

/** Files may point into data-only layers whatever the mount says of redirects. */
function readsRedirects({ config, dataLayers }: Overlay): boolean {
  return config.redirectDir !== 'nofollow' || dataLayers.length > 0;
}

function isAbsolute({ redirect }: Search): boolean {
  return redirect?.startsWith('/') === true;
}

function whyNoData(
  { world: { overlay }, rule }: Context,
  { isMetacopy }: Pick<Search, 'isMetacopy'>,
): Failure | null {
  if (!isMetacopy || overlay.config.metacopy) return null;
  rule('metacopy/not-followed');
  return fail('EPERM');
}

function whyNotFollowed(
  { world: { overlay }, rule }: Context,
  { redirect }: Pick<Search, 'redirect'>,
): Failure | null {
  if (redirect === null || overlay.config.redirectDir !== 'nofollow') return null;
  rule('redirect/not-followed');
  return fail('EPERM');
}

/** An index entry that stands in for upper may be unwanted as well, where such marks all are. */
export function whyUnwantedIndex(
  context: Context,
  marks: Pick<Search, 'redirect' | 'isMetacopy'>,
): Failure | null {
  if (context.semantics.behaviour.unwantedMark !== 'refused wherever it is') return null;
  return whyNoData(context, marks) ?? whyNotFollowed(context, marks);
}

function noteHidden({ rule }: Context, { isOpaque }: Search, found: RealInode | null): void {
  if (isOpaque) rule(found === null ? 'whiteout/lower-hides' : 'opaque/lower-stops-merge');
}

/** Which lower layer a directory is in: the one whose root it is or is below. */
export function layerOf(roots: readonly RealInode[], dir: RealInode): number {
  for (let at: RealInode | null = dir; at !== null; at = at.parent) {
    const index = roots.indexOf(at);
    if (index >= 0) return index;
  }
  throw new Error('a lower directory outside of every layer');
}

/** A merged directory remembers the first lower one in its upper one, from lookup at the latest. */
function fixOrigin(
  context: Context,
  dir: OvlInode,
  upper: RealInode | null,
  lower: RealInode,
): Failure | null {
  const { marks } = context.world.overlay;
  if (upper === null || !marks.isWritable || hasOrigin(marks, upper)) return null;
  const why = whyRealKept(context, isKept(upper));
  if (why !== null) return why;
  const noRoom = whyNoXattr(context);
  if (noRoom !== null) return noRoom;
  context.rule('origin/fixed-by-lookup');
  setOrigin(context, upper, lower);
  return markImpure(context, dir);
}

/** Where file handles are exported, a directory is merged with nothing but its origin. */
function isOther({ world, rule }: Context, upper: RealInode | null, lower: RealInode): boolean {
  if (upper === null || !world.overlay.config.nfsExport) return false;
  if (originInoOf(world, upper) === lower.ino) return false;
  rule('merge/only-with-origin');
  return true;
}

/** With an index, a file without data must find the one that it was copied up from, if there is. */
function isOtherFile(context: Context, upper: RealInode | null, lower: RealInode): boolean {
  if (upper === null || upper.type === 'dir' || context.world.overlay.index === null) return false;
  const origin = decodeOrigin(context, upper);
  if (origin === null || origin === lower) return false;
  context.rule('index/metacopy-verified');
  return true;
}

/** Notes on an upper directory that entries of it may show inode numbers from below. */
export function markImpure(context: Context, dir: OvlInode): Failure | null {
  if (dir.isImpure || dir.upper === null) return null;
  const why = whyRealKept(context, isKept(dir.upper));
  if (why !== null) return why;
  const noRoom = whyNoXattr(context);
  if (noRoom !== null) return noRoom;
  context.rule('impure/marked');
  setImpure(context.world, dir.upper);
  dir.isImpure = true;
  return null;
}
