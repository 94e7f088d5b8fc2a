import type fc from 'fast-check';
import { PROGRAM, PROGRAM_BYTES } from '../model/executable.ts';
import type { FileFlag } from '../model/flags.ts';
import type { Entry, LayerSpec, Piece } from '../model/scenario.ts';
import { ARBITRARIES, CAPABILITY, NAMES, path, VALID_ACLS } from './arbitraries.ts';
import { chance, draw, pick, spin, wheel } from './draw.ts';
import type { Wheel } from './draw.ts';

const LOWERS = wheel([
  [1, 5],
  [2, 5],
  [3, 2],
]);
const ENTRIES_MAX = 7;
/** With these options hard links of lower layers are what matters most. */
const HAS_INDEX = /(^|,)(index|nfs_export)=on/;

/** What a scenario's layers may hold; each scenario leaves some of it out. */
interface Flavour {
  readonly types: Wheel<Entry['type'] | 'whiteout'>;
  readonly hasOpaque: boolean;
  readonly hasImpure: boolean;
  readonly hasOwners: boolean;
  readonly hasModes: boolean;
  readonly hasXattrs: boolean;
}

/** Layers with the same few names, so that they hide, merge and contradict each other. */
export function drawLayers(random: fc.Random, options: string): readonly LayerSpec[] {
  const flavour = drawFlavour(random, HAS_INDEX.test(options));
  const lowers = spin(random, LOWERS);
  const known: string[] = [];
  const layers: LayerSpec[] = [];
  // From the bottom up, as a whiteout wants something below it.
  for (let layer = 0; layer < lowers; layer++) {
    const entries = drawEntries(random, flavour, random.nextInt(1, ENTRIES_MAX), known);
    layers.unshift({ role: 'lower', entries });
  }
  const upperEntries = chance(random, 60) ? 0 : random.nextInt(1, ENTRIES_MAX);
  layers.unshift({ role: 'upper', entries: drawEntries(random, flavour, upperEntries, known) });
  return drawPrograms(random, drawFlags(random, layers));
}

function drawFlavour(random: fc.Random, isIndexed: boolean): Flavour {
  const maybe = (percent: number, weight: number): number => (chance(random, percent) ? weight : 0);
  return {
    types: wheel<Entry['type'] | 'whiteout'>([
      ['dir', 6],
      ['file', 9],
      ['symlink', maybe(60, 3)],
      ['link', isIndexed ? maybe(80, 12) : maybe(60, 3)],
      ['whiteout', maybe(60, 3)],
      // Few scenarios have any, and some of these have many.
      ['fifo', pick(random, [0, 0, 2, 8])],
      ['chr', pick(random, [0, 0, 0, 2, 8])],
      ['blk', maybe(10, 1)],
    ]),
    hasOpaque: chance(random, 50),
    hasImpure: chance(random, 40),
    hasOwners: chance(random, 50),
    hasModes: chance(random, 50),
    hasXattrs: chance(random, 50),
  };
}

function drawEntries(
  random: fc.Random,
  flavour: Flavour,
  count: number,
  known: string[],
): readonly Entry[] {
  const entries: Entry[] = [];
  const files: string[] = [];
  for (let made = 0; made < count; made++) {
    const entry = drawEntry(random, flavour, known, files);
    entries.push(entry);
    known.push(entry.path);
    if (entry.type === 'file') files.push(entry.path);
  }
  if (chance(random, 20)) entries.push(drawRoot(random, flavour));
  return entries;
}

function drawEntry(
  random: fc.Random,
  flavour: Flavour,
  known: readonly string[],
  files: readonly string[],
): Entry {
  const at = drawEntryPath(random, known);
  const type = spin(random, flavour.types);
  if (type === 'whiteout') return { path: at, type: 'chr', rdev: { major: 0, minor: 0 } };
  const base = { path: at, ...drawAttributes(random, flavour, type) };
  switch (type) {
    case 'dir':
    case 'fifo':
      return { ...base, type };
    case 'file':
      return { ...base, type, ...drawContent(random) };
    case 'symlink':
      return { ...base, type, target: draw(random, ARBITRARIES.target) };
    case 'link':
      if (files.length === 0) return { ...base, type: 'file', ...drawContent(random) };
      return { path: at, type, to: pick(random, files) };
    case 'chr':
      return { ...base, type, rdev: { major: 1, minor: 3 } };
    case 'blk':
      return { ...base, type, rdev: { major: 7, minor: 200 } };
  }
}

const LOWER_FLAGS: readonly (readonly FileFlag[])[] = [
  ['FS_IMMUTABLE_FL'],
  ['FS_IMMUTABLE_FL'],
  ['FS_APPEND_FL'],
  ['FS_APPEND_FL'],
  ['FS_NODUMP_FL'],
  ['FS_NOATIME_FL'],
  ['FS_SYNC_FL'],
  ['FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NOATIME_FL'],
];
const UPPER_FLAGS: readonly (readonly FileFlag[])[] = [['FS_NODUMP_FL'], ['FS_NOATIME_FL']];
const PROTECTIONS = ['a', 'i', 'ai', 'ia', '', 'x', 'ax'] as const;
const FLAGS_PERCENT = 8;

/** Few scenarios have any flags on files, and then some of their files and directories do. */
function drawFlags(random: fc.Random, layers: readonly LayerSpec[]): readonly LayerSpec[] {
  if (!chance(random, FLAGS_PERCENT)) return layers;
  return layers.map((layer) => ({
    ...layer,
    entries: layer.entries.map((entry): Entry => {
      if ((entry.type !== 'file' && entry.type !== 'dir') || !chance(random, 35)) return entry;
      if (layer.role === 'lower') return { ...entry, flags: pick(random, LOWER_FLAGS) };
      if (chance(random, 30)) return { ...entry, flags: pick(random, UPPER_FLAGS) };
      const protection = pick(random, PROTECTIONS);
      const xattrs = { ...entry.xattrs, 'trusted.overlay.protattr': protection };
      return { ...entry, xattrs };
    }),
  }));
}

const PROGRAM_PERCENT = 6;

/** Few scenarios have a program, which some of their files are. */
function drawPrograms(random: fc.Random, layers: readonly LayerSpec[]): readonly LayerSpec[] {
  if (!chance(random, PROGRAM_PERCENT)) return layers;
  return layers.map((layer) => ({
    ...layer,
    entries: layer.entries.map((entry): Entry => {
      if (entry.type !== 'file' || !chance(random, 60)) return entry;
      return { ...entry, mode: 0o755, size: PROGRAM_BYTES, pieces: PROGRAM };
    }),
  }));
}

/** Where programs are. */
export function programsOf(layers: readonly LayerSpec[]): readonly string[] {
  const isProgram = (entry: Entry): boolean => entry.type === 'file' && entry.pieces === PROGRAM;
  return layers.flatMap(({ entries }) => entries.filter(isProgram).map(({ path: at }) => at));
}

/** Names that lower layers have for one object. */
export function linksOf(layers: readonly LayerSpec[]): readonly (readonly [string, string])[] {
  const lowers = layers.filter(({ role }) => role === 'lower');
  return lowers.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.type === 'link' ? [[entry.to, entry.path] as const] : [])),
  );
}

/** The top most lower layer that was made with a path, or the first where none was. */
export function lowerWith(layers: readonly LayerSpec[], at: string): number {
  const lowers = layers.filter(({ role }) => role === 'lower');
  const found = lowers.findIndex(({ entries }) => entries.some(({ path: own }) => own === at));
  return Math.max(0, found);
}

/** Often a path of a layer below, or a name beside or under it. */
function drawEntryPath(random: fc.Random, known: readonly string[]): string {
  if (known.length === 0 || chance(random, 35)) return draw(random, path);
  const other = pick(random, known);
  if (other === '.' || chance(random, 60)) return other === '.' ? pick(random, NAMES) : other;
  return other.length >= 5 ? other : `${other}/${pick(random, NAMES)}`;
}

type Attributes = Pick<Entry, 'mode' | 'uid' | 'gid' | 'xattrs'>;

function drawAttributes(random: fc.Random, flavour: Flavour, type: Entry['type']): Attributes {
  const xattrs: Record<string, string> = {};
  if (flavour.hasXattrs && chance(random, 50)) {
    // The VFS keeps user.* to files and directories.
    if (type === 'file' || type === 'dir')
      xattrs['user.a'] = pick(random, ['', '1', 'long'.repeat(9)]);
    if (chance(random, 50)) xattrs['trusted.a'] = '2';
    if (type === 'file' && chance(random, 50)) {
      // One that is empty can be stored but not read.
      xattrs['security.capability'] = chance(random, 80) ? CAPABILITY : '';
    }
  }
  // A list on a directory's entries by default would change what the layer is made of.
  if ((type === 'file' || type === 'dir') && flavour.hasXattrs && chance(random, 12)) {
    xattrs['system.posix_acl_access'] = pick(random, VALID_ACLS);
  }
  if (type === 'dir' && flavour.hasOpaque && chance(random, 25)) {
    xattrs['trusted.overlay.opaque'] = 'y';
  }
  // What a mount leaves on directories that it copied something up into.
  if (type === 'dir' && flavour.hasImpure && chance(random, 30)) {
    xattrs['trusted.overlay.impure'] = 'y';
  }
  const hasMode = type !== 'symlink' && flavour.hasModes && chance(random, 40);
  return {
    ...(hasMode ? { mode: draw(random, ARBITRARIES.mode) } : {}),
    ...(flavour.hasOwners && chance(random, 40) ? drawOwner(random) : {}),
    ...(Object.keys(xattrs).length > 0 ? { xattrs } : {}),
  };
}

function drawOwner(random: fc.Random): Attributes {
  const uid = pick(random, [1000, 1000, 1001]);
  return { uid, gid: chance(random, 80) ? uid : 0 };
}

/** Mostly short; sometimes with holes at the front, inside or at the end. */
export function drawContent(random: fc.Random): { pieces?: readonly Piece[]; size?: number } {
  const shape = random.nextInt(0, 9);
  if (shape === 0) return {};
  if (shape <= 5)
    return { pieces: [{ at: 0, text: pick(random, ['x', 'lower', 'data of a file']) }] };
  const pages = random.nextInt(0, 3);
  const at = pages * 4096 + pick(random, [0, 0, 1, 4090]);
  const pieces = [{ at, text: 'after a hole' }];
  if (shape <= 7) return { pieces };
  const size = at + pick(random, [12, 100, 4096, 10_000]);
  return shape === 8 ? { pieces, size } : { pieces: [{ at: 0, text: 'head' }, ...pieces], size };
}

function drawRoot(random: fc.Random, flavour: Flavour): Entry {
  return {
    path: '.',
    type: 'dir',
    ...drawAttributes(random, { ...flavour, hasOpaque: false }, 'dir'),
  };
}

/** Without an upper layer what would be in it is in the top most lower one. */
export function withoutUpper(layer: LayerSpec): LayerSpec {
  return layer.role === 'upper' ? { ...layer, role: 'lower' } : layer;
}
