import type fc from 'fast-check';
import type { Entry, LayerSpec } from '../model/scenario.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { drawContent } from './layers.ts';
import { randomAt } from './random.ts';

const PERCENT = 65;
const STREAM = 0x2100_0000;
const ONE_LOWER_PERCENT = 70;
const EMPTY_UPPER_PERCENT = 75;

/**
 * Layers with something of everything where it is easily found, and with nothing in the way: no
 * marks, no whiteouts, nothing that only root may enter. What steps make of them is what matters.
 * Null where layers are to be as they come.
 */
export function stockAt(seed: number, index: number): readonly LayerSpec[] | null {
  const random = randomAt(seed, index ^ STREAM);
  return chance(random, PERCENT) ? drawStock(random) : null;
}

function drawStock(random: fc.Random): readonly LayerSpec[] {
  const entries = drawTree(random);
  const isOne = chance(random, ONE_LOWER_PERCENT);
  const lower: LayerSpec = { role: 'lower', entries };
  const lowers = isOne ? [lower] : [lower, { role: 'lower' as const, entries: drawTree(random) }];
  const mine = chance(random, EMPTY_UPPER_PERCENT) ? [] : drawTree(random).slice(0, 2);
  return [{ role: 'upper', entries: mine }, ...lowers];
}

/**
 * Three directories, the one with another in it, and files, of which some are one. There are enough
 * of them that something is still below alone when half of the steps are done.
 */
function drawTree(random: fc.Random): readonly Entry[] {
  const [one, two, three] = shuffled(random);
  const [first, second, third] = shuffled(random);
  const inside = `${one}/${first}`;
  const file = `${one}/${second}`;
  const entries: Entry[] = [
    { path: one, type: 'dir', ...drawWorn(random) },
    { path: inside, type: 'dir' },
    { path: `${inside}/${second}`, type: 'file', ...drawContent(random) },
    { path: file, type: 'file', ...drawContent(random), ...drawWorn(random) },
    { path: two, type: 'dir' },
    { path: `${two}/${second}`, type: 'file', ...drawContent(random), ...drawWorn(random) },
    { path: three, type: 'dir' },
  ];
  const others = [`${inside}/${third}`, `${one}/${third}`, `${two}/${first}`, `${two}/${third}`];
  for (const path of [...others, `${three}/${first}`, `${three}/${second}`]) {
    if (chance(random, 65)) entries.push(drawOther(random, path, file));
  }
  return entries;
}

function drawOther(random: fc.Random, path: string, file: string): Entry {
  const kind = random.nextInt(0, 9);
  if (kind < 4) return { path, type: 'link', to: file };
  if (kind < 6) return { path, type: 'symlink', target: pick(random, NAMES) };
  if (kind < 7) return { path, type: 'fifo', ...drawWorn(random) };
  if (kind < 8) return { path, type: 'chr', rdev: { major: 1, minor: 3 }, ...drawWorn(random) };
  return { path, type: 'file', ...drawContent(random), ...drawWorn(random) };
}

/** What copies have to keep, and what keeps nobody out. */
function drawWorn(random: fc.Random): Pick<Entry, 'uid' | 'gid' | 'mode' | 'xattrs'> {
  if (chance(random, 45)) return {};
  const special = pick(random, [0, 0, 0o1000, 0o2000, 0o4000, 0o6000]);
  const owner = chance(random, 40) ? { uid: 1000, gid: pick(random, [1000, 1001]) } : {};
  const xattrs = chance(random, 30) ? { xattrs: { 'trusted.a': '1', 'trusted.b': '' } } : {};
  return { ...owner, mode: 0o775 | special, ...xattrs };
}

function shuffled(random: fc.Random): readonly [string, string, string] {
  const from = random.nextInt(0, NAMES.length - 1);
  const step = chance(random, 50) ? 1 : NAMES.length - 1;
  const at = (turn: number): string => NAMES[(from + turn * step) % NAMES.length] ?? NAMES[0];
  return [at(0), at(1), at(2)];
}
