import type fc from 'fast-check';
import type { Entry, LayerSpec, Piece } from '../model/scenario.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { NAMES, path } from './arbitraries.ts';
import { chance, draw, pick, spin, wheel } from './draw.ts';
import { drawContent } from './layers.ts';
import { METACOPY, METACOPIES, REDIRECT } from './marks.ts';

/** Where data-only layers are of use on each kernel that has them; others refuse the mount. */
const HAS_METACOPY = /(^|,)metacopy=on/;
const PERCENT_WITH_METACOPY = 30;
/** Without metacopy only later kernels follow files into such layers. */
const PERCENT_WITHOUT = 3;
const MORE_LOWERS_PERCENT = 3;
const LOWERS_MAX = 5;
const DATA_LAYERS = wheel([
  [1, 3],
  [2, 1],
]);
const DATA_TYPES = wheel<Entry['type']>([
  ['file', 12],
  ['dir', 1],
  ['symlink', 2],
  ['chr', 1],
]);
/** What leads to no regular file, or not by a straight way. */
const ODD_PATHS = ['/.', '/..', '/a/.', '/a/..', '/a/../b', '/b/a/a', `/${'x'.repeat(256)}`, 'a'];

/**
 * Further layers for a scenario that has some already, drawn from numbers of their own so that all
 * else stays as it is: data-only ones with files that point to them, and now and then more merged
 * ones than the three that are usual.
 */
export function drawMoreLayers(
  random: fc.Random,
  layers: readonly LayerSpec[],
  options: string,
  { features }: Semantics,
): readonly LayerSpec[] {
  const more = chance(random, MORE_LOWERS_PERCENT) ? withMoreLowers(random, layers) : layers;
  const areOfUse = features.has('data-only-layers') && HAS_METACOPY.test(options);
  const percent = areOfUse ? PERCENT_WITH_METACOPY : PERCENT_WITHOUT;
  return chance(random, percent) ? withDataLayers(random, more) : more;
}

/** What there is in one layer comes apart into several. */
function withMoreLowers(random: fc.Random, layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const lowers = layers.filter(({ role }) => role === 'lower');
  const count = random.nextInt(LOWERS_MAX - 1, LOWERS_MAX);
  const parts = Array.from({ length: count }, (): Entry[] => []);
  for (const { entries } of lowers) {
    for (const entry of entries) {
      pick(random, parts).push(entry);
      if (chance(random, 30)) pick(random, parts).push(entry);
    }
  }
  const others = layers.filter(({ role }) => role !== 'lower');
  return [...others, ...parts.map((entries): LayerSpec => ({ role: 'lower', entries }))];
}

function withDataLayers(random: fc.Random, layers: readonly LayerSpec[]): readonly LayerSpec[] {
  const data = Array.from({ length: spin(random, DATA_LAYERS) }, (): LayerSpec => {
    const entries = Array.from({ length: random.nextInt(1, 3) }, () => drawDataEntry(random));
    return { role: 'data', entries };
  });
  const there = data.flatMap(({ entries }) => entries);
  let pointing = layers;
  for (let files = random.nextInt(1, 3); files > 0; files--) {
    pointing = withPointer(random, pointing, there);
  }
  return [...pointing, ...data];
}

function drawDataEntry(random: fc.Random): Entry {
  const at = draw(random, path);
  const type = spin(random, DATA_TYPES);
  switch (type) {
    case 'file':
      return { path: at, type, ...drawContent(random) };
    case 'symlink':
      return { path: at, type, target: pick(random, NAMES) };
    case 'chr':
      return { path: at, type, rdev: { major: 0, minor: 0 } };
    default:
      return { path: at, type: 'dir' };
  }
}

/** A file of a merged layer that has its data in a data-only one, or so it says. */
function withPointer(
  random: fc.Random,
  layers: readonly LayerSpec[],
  there: readonly Entry[],
): readonly LayerSpec[] {
  const lowest = layers.findLastIndex(({ role }) => role === 'lower');
  const topMost = layers.findIndex(({ role }) => role === 'lower');
  const place = chance(random, 75) ? lowest : random.nextInt(topMost, lowest);
  const layer = layers[place];
  if (layer === undefined) return layers;
  const data = pick(random, there);
  const redirect = chance(random, 85) ? `/${data.path}` : pick(random, ODD_PATHS);
  const files = layer.entries.filter(({ type }) => type === 'file');
  const old = files.length > 0 && chance(random, 60) ? pick(random, files) : null;
  const marked: Entry = {
    ...(old ?? {}),
    path: old?.path ?? draw(random, path),
    type: 'file',
    size: drawSize(random, data),
    xattrs: { ...old?.xattrs, [METACOPY]: pick(random, METACOPIES), [REDIRECT]: redirect },
  };
  const entries = [...layer.entries.filter((entry) => entry !== old), marked];
  const pointing = layers.with(place, { ...layer, entries });
  // Now and then a copy of its attributes is above it already.
  const above = place === 0 || chance(random, 75) ? -1 : random.nextInt(0, place - 1);
  const on = pointing[above];
  // Of several names in upper that cannot be looked up it depends on their order which is told.
  if (on === undefined || (on.role === 'upper' && on.entries.some(isMarked))) return pointing;
  const copy: Entry = {
    ...{ path: marked.path, type: 'file', size: drawSize(random, data) },
    xattrs: { [METACOPY]: '' },
  };
  return pointing.with(above, { ...on, entries: [...on.entries, copy] });
}

function isMarked({ xattrs = {} }: Entry): boolean {
  return METACOPY in xattrs || REDIRECT in xattrs;
}

/** Mostly that of the data. */
function drawSize(random: fc.Random, data: Entry): number {
  if (data.type !== 'file' || chance(random, 20)) return pick(random, [0, 1, 4096, 5000]);
  return data.size ?? Math.max(0, ...(data.pieces ?? []).map(endOf));
}

function endOf({ at, text }: Piece): number {
  return at + text.length;
}
