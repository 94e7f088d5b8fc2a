import type fc from 'fast-check';
import type { Entry, LayerSpec } from '../model/scenario.ts';
import { NAMES, path } from './arbitraries.ts';
import { chance, draw, pick } from './draw.ts';
import { parentOf } from './guess.ts';

/** With these options what redirects say is what matters most. */
const WANTS_MARKS = /(^|,)(redirect_dir=(on|follow|nofollow)|metacopy=on)/;
export const REDIRECT = 'trusted.overlay.redirect';
export const METACOPY = 'trusted.overlay.metacopy';

/** Nothing that overlayfs would write, each in a way of its own. */
const MALFORMED = [
  ...['', '/', '/a/', '/a//b', 'a/b', '//a', '\0', '/\0a'],
  ...['.', '..', '/..', '/a/../b', '/./a', `/${'x'.repeat(256)}`],
] as const;
/** Empty, with a digest of some kind, and too short to have one. */
export const METACOPIES = [
  '',
  '',
  '',
  '',
  '\0\x04\0\0',
  `\0\x24\0\x01${'d'.repeat(32)}`,
  'x',
  '\0\0\0',
];
/** Those that only a mount with verity looks at: of another version, length or kind. */
export const ODD_DIGESTS = [
  ...['\x01', '\0'].map((version) => `${version}\x24\0\x01${'d'.repeat(32)}`),
  ...[`\0\x25\0\x01${'d'.repeat(32)}`, `\0\x24\0\0${'d'.repeat(32)}`],
  ...[`\0\x44\0\x02${'d'.repeat(64)}`, `\0\x48\0\x02${'d'.repeat(68)}`, '\0\x04\0\x01'],
] as const;
/** So long that a path through it is too long to be made a redirect. */
const LONG = `/${'y'.repeat(120)}/${'z'.repeat(120)}`;

/** Puts redirects and metacopy marks made by hand on objects, some of which make no sense. */
export function drawMarks(
  random: fc.Random,
  layers: readonly LayerSpec[],
  options: string,
): readonly LayerSpec[] {
  if (!WANTS_MARKS.test(options) || chance(random, 40)) return layers;
  const lowers = layers.filter(({ role }) => role === 'lower').flatMap(({ entries }) => entries);
  return layers.map((layer) =>
    layer.role === 'upper' ? markUpper(random, layer, lowers) : markLower(random, layer, lowers),
  );
}

function markLower(random: fc.Random, layer: LayerSpec, lowers: readonly Entry[]): LayerSpec {
  const entries = layer.entries.map((entry) =>
    canMark(entry) && chance(random, 30) ? drawMark(random, entry, lowers).marked : entry,
  );
  return { ...layer, entries };
}

function canMark({ type, path: at }: Entry): boolean {
  return at !== '.' && (type === 'dir' || type === 'file');
}

interface Mark {
  readonly marked: Entry;
  /** Where the mark says that the object is below. */
  readonly target: string | null;
}

/** A redirect for a directory; a file is one without data, redirected or not. */
function drawMark(random: fc.Random, entry: Entry, lowers: readonly Entry[]): Mark {
  const paths = lowers.filter(({ type }) => type === entry.type).map(({ path: at }) => at);
  const isFile = entry.type === 'file';
  const redirect = isFile && chance(random, 50) ? null : drawRedirect(random, paths);
  const xattrs = {
    ...entry.xattrs,
    ...(redirect === null ? {} : { [REDIRECT]: redirect }),
    ...(isFile ? { [METACOPY]: pick(random, METACOPIES) } : {}),
  };
  const target = redirect === null ? null : targetOf(entry.path, redirect);
  return { marked: { ...entry, xattrs }, target };
}

/**
 * One mark at most, and a whiteout at the old place, as a rename leaves it: of two names that claim
 * the same lower object the one that is looked up first has it, and in which order a listing looks
 * names up is not predicted.
 */
function markUpper(random: fc.Random, layer: LayerSpec, lowers: readonly Entry[]): LayerSpec {
  const { entries } = layer;
  const places = entries.filter(canMark);
  const made = places.length === 0 || chance(random, 30) ? newEntry(random) : pick(random, places);
  const { marked, target } = drawMark(random, made, lowers);
  const rest = entries.filter((entry) => entry !== made);
  if (target === null) return { ...layer, entries: [marked, ...rest] };
  const isTaken = rest.some(({ path: at }) => isAt(at, target)) || isAt(made.path, target);
  if (isTaken) return layer;
  const whiteout: Entry = { path: target, type: 'chr', rdev: { major: 0, minor: 0 } };
  return { ...layer, entries: [marked, whiteout, ...rest] };
}

function newEntry(random: fc.Random): Entry {
  const at = { path: draw(random, path) };
  if (chance(random, 50)) return { ...at, type: 'dir' };
  return { ...at, type: 'file', size: pick(random, [0, 5, 4096, 10_000]) };
}

function drawRedirect(random: fc.Random, paths: readonly string[]): string {
  const kind = random.nextInt(0, 19);
  if (kind < 7) return pick(random, NAMES);
  if (kind < 13 && paths.length > 0) return `/${pick(random, paths)}`;
  if (kind < 16) return `/${draw(random, path)}`;
  if (kind === 16) return pick(random, ['d', '/d', '/a/d', LONG]);
  return pick(random, MALFORMED);
}

/** The path that a redirect of one of the scenario's directories names, if it names one. */
function targetOf(at: string, redirect: string): string | null {
  if (/^\/[abc](\/[abc])*$/.test(redirect)) return redirect.slice(1);
  if (!/^[abc]$/.test(redirect)) return null;
  const parent = parentOf(at);
  return parent === '.' ? redirect : `${parent}/${redirect}`;
}

function isAt(at: string, place: string): boolean {
  return at === place || at.startsWith(`${place}/`);
}
