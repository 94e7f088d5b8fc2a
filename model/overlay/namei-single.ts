import { BOUND } from '../flags.ts';
import type { Context } from '../ops/op.ts';
import { fail, succeed } from '../prediction.ts';
import type { Failure, Prediction } from '../prediction.ts';
import type { RealInode } from '../state.ts';
import { isAnyWhiteout, isXattrWhiteout } from './marks.ts';
import { hasShortMetacopy, isMetacopyFile, isOpaqueDir, MALFORMED } from './xattrs.ts';
import { mayHoldXattrWhiteouts, redirectOf } from './xattrs.ts';

/** What a search for one name knows on its way down through the layers. */
export interface Search {
  /** What the next layer is asked for: a name in the directory, or a path from the root. */
  name: string;
  /** The redirect that was met last, with what comes before and after it. */
  redirect: string | null;
  /** What was read last, with a redirect or without, has one that is a path from the root. */
  isRedirectAbsolute: boolean;
  isDir: boolean;
  isDone: boolean;
  isOpaque: boolean;
  /** The file found last says that its data is further down. */
  isMetacopy: boolean;
  /** No layer comes after this one, so what points down is not even read. */
  isLast: boolean;
  /** The root of the lower layer that is searched; null in the upper one. */
  layer: RealInode | null;
  /** A directory that was found may hold xattr whiteouts. */
  hasXattrWhiteouts: boolean;
}

/** One name on a path: the path in front of it, and behind it. */
interface Element {
  readonly prefix: string;
  readonly name: string;
  readonly rest: string;
}

/** Searches one layer: a name in its directory, or a path from its root. */
export function searchLayer(
  context: Context,
  search: Search,
  from: RealInode,
): Prediction<RealInode | null> {
  if (!search.name.startsWith('/')) {
    return searchElement(context, search, from, { prefix: '', name: search.name, rest: '' });
  }
  let dir = from;
  // Counted from the end, as a redirect on the way changes what is before it.
  let left = search.name.length - 1;
  for (;;) {
    const { name } = search;
    const start = name.length - left;
    const slash = name.indexOf('/', start);
    const end = slash < 0 ? name.length : slash;
    const element = { prefix: name.slice(0, start), name: name.slice(start, end) };
    const found = searchElement(context, search, dir, { ...element, rest: name.slice(end) });
    if (!found.ok || found.value === null || end === name.length) return found;
    dir = found.value;
    left -= end - start + 1;
  }
}

/** One name in one directory of a layer. */
function searchElement(
  context: Context,
  search: Search,
  dir: RealInode,
  element: Element,
): Prediction<RealInode | null> {
  const { name, rest } = element;
  const isTarget = rest === '';
  if (name === '' || name === '.' || name === '..') return fail('EACCES');
  const { overlay } = context.world;
  const { marks } = overlay;
  const found = name.length > BOUND.nameBytes ? undefined : dir.entries.get(name);
  if (found === undefined) return succeed(null);
  if (isAnyWhiteout(marks, found)) {
    if (isXattrWhiteout(marks, found)) context.rule('whiteout/xattr');
    search.isDone = true;
    search.isOpaque = true;
    return succeed(null);
  }
  if (isTarget && search.isMetacopy && found.type !== 'file') {
    search.isDone = true;
    return succeed(null);
  }
  if (found.type === 'dir') {
    if (isTarget) search.isDir = true;
    if (search.isLast) return succeed(found);
    if (isTarget && search.layer !== null && mayHoldXattrWhiteouts(marks, found)) {
      context.rule('whiteout/xattr-mark');
      search.hasXattrWhiteouts = true;
      overlay.xattrWhiteoutLayers.add(search.layer);
    }
    if (isOpaqueDir(marks, found)) {
      search.isDone = true;
      if (isTarget) search.isOpaque = true;
      return succeed(found);
    }
  } else {
    search.isDone = true;
    if (search.isDir || !isTarget) {
      context.rule('merge/stops-at-file');
      return succeed(null);
    }
    search.isMetacopy = isMetacopyFile(marks, found);
    const malformed = whyMalformedMetacopy(context, found);
    if (malformed !== null) return malformed;
    search.isDone = !search.isMetacopy;
    if (!search.isMetacopy || search.isLast) return succeed(found);
  }
  return noteRedirect(context, search, found, element);
}

/** From here on the layers below are asked for what a redirect names. */
function noteRedirect(
  context: Context,
  search: Search,
  found: RealInode,
  { prefix, rest }: Element,
): Prediction<RealInode> {
  search.isRedirectAbsolute = false;
  const { world, rule } = context;
  const redirect = redirectOf(world.overlay.marks, found);
  if (redirect === null) return succeed(found);
  const malformed = whyMalformedRedirect(context, redirect);
  if (malformed !== null) return malformed;
  const isAbsolute = redirect.startsWith('/');
  rule(isAbsolute ? 'redirect/absolute' : 'redirect/relative');
  // An opaque directory on the way hides the old place, not the new one.
  if (isAbsolute) search.isDone = false;
  search.isRedirectAbsolute = isAbsolute;
  search.name = (isAbsolute ? '' : prefix) + redirect + rest;
  search.redirect = search.name;
  return succeed(found);
}

/** A file whose mark is too short to hold a digest cannot be looked up. */
export function whyMalformedMetacopy(
  { world, semantics, rule }: Context,
  found: RealInode,
): Failure | null {
  const { marks } = world.overlay;
  if (!isMetacopyFile(marks, found) || !hasShortMetacopy(marks, found)) return null;
  if (!semantics.features.has('verity')) return null;
  rule('metacopy/malformed');
  return fail('EIO');
}

export function whyMalformedRedirect({ rule }: Context, redirect: string | null): Failure | null {
  if (redirect !== MALFORMED) return null;
  rule('redirect/malformed');
  return fail('EINVAL');
}
