import type fc from 'fast-check';
import { BASE_PROFILES } from '../model/bases.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { Guess, parentOf } from './guess.ts';
import type { Guessed } from './guess.ts';
import { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SCENARIOS_PERCENT = 35;
const STEPS_MAX = 4;

/** What is done to layers while the overlay is not mounted. */
const EDITS = wheel<OpName>([
  ['rotate', 6],
  ['offlineRename', 10],
  ['offlineLink', 7],
  ['offlineUnlink', 6],
  ['offlineRmdir', 3],
  ['offlineMkdir', 3],
  ['offlineMknod', 3],
  ['offlineCreate', 4],
  ['offlineWrite', 4],
  ['offlineTruncate', 3],
  ['offlineChmod', 3],
  ['offlineChown', 3],
  ['offlineSetMark', 5],
  ['offlineRemoveMark', 6],
]);

export const OFFLINE_OPS: ReadonlySet<OpName> = new Set(EDITS.values);

type Wanted = Guessed | 'whiteout';
const NAMED = ['file', 'symlink', 'other'] as const;
const LINKABLE: readonly Wanted[] = [...NAMED, 'whiteout'];
const ALL: readonly Wanted[] = ['dir', 'file', 'symlink', 'other'];

/** What an edit finds fit to work on; of those that make something, what they make it in. */
const WANTED: Readonly<Partial<Record<OpName, readonly Wanted[]>>> = {
  offlineUnlink: LINKABLE,
  offlineRmdir: ['dir'],
  offlineMkdir: ['dir'],
  offlineMknod: ['dir'],
  offlineCreate: ['dir'],
  offlineWrite: ['file'],
  offlineTruncate: ['file'],
  offlineLink: LINKABLE,
  offlineRename: ['dir', 'file', 'symlink', 'other', 'whiteout'],
};
const MAKERS: ReadonlySet<OpName> = new Set<OpName>([
  'offlineMkdir',
  'offlineMknod',
  'offlineCreate',
]);

/** Values that mean something to overlayfs, and some that do not. */
const MARK_VALUES: Readonly<Record<string, readonly string[]>> = {
  'trusted.overlay.opaque': ['y', 'y', 'y', 'n', ''],
  'trusted.overlay.redirect': ['a', 'b', '/a', '/b', '/a/b', 'a/b', ''],
  'trusted.overlay.metacopy': [''],
  'trusted.overlay.impure': ['y', 'y', 'n'],
  'trusted.overlay.origin': [''],
  'trusted.overlay.nlink': ['U+0', 'U+1', 'L-1', 'L+0', 'U+9', '?'],
};

/** Puts changes of layers in the place of some steps; many scenarios are left as they are. */
export function withEdits(random: fc.Random, scenario: Scenario): Scenario {
  const { layers, options, steps } = scenario;
  if (steps.length === 0 || !chance(random, SCENARIOS_PERCENT)) return scenario;
  const wanted = random.nextInt(1, STEPS_MAX);
  const places = new Set(Array.from({ length: wanted }, () => random.nextInt(0, steps.length - 1)));
  const scope = new Scope(random, layers, options);
  const edited = steps.map((old, place) => {
    const isEdit = places.has(place) && old.op !== 'open';
    const step = isEdit ? drawEdit(scope, scenario) : old;
    scope.note(step);
    return step;
  });
  return { ...scenario, steps: edited };
}

function drawEdit(scope: Scope, scenario: Scenario): Step {
  const { random } = scope;
  const op = spin(random, EDITS);
  if (op === 'rotate') return { op, args: {} };
  const isRemoval = op === 'offlineRemoveMark';
  // Most marks are those that steps left on the upper layer.
  let layer = isRemoval && chance(random, 80) ? 'upper' : drawLayer(random, scenario);
  // Many layers have no file: another one may.
  if (op === 'offlineLink' && pathsIn(scope, scenario, layer, LINKABLE).length === 0) {
    layer = drawLayer(random, scenario);
  }
  const path = drawPath(scope, scenario, layer, WANTED[op] ?? ALL);
  const given: Record<string, unknown> = { ...drawArgs(scope, op), layer };
  if ('path' in OPS[op].args) given['path'] = MAKERS.has(op) ? nameIn(random, path) : path;
  if (op === 'offlineRename') Object.assign(given, drawMove(scope, scenario, layer, path));
  if (op === 'offlineLink') Object.assign(given, drawLink(scope, scenario, layer, path));
  if (op === 'offlineSetMark') {
    given['value'] = pick(random, MARK_VALUES[String(given['name'])] ?? ['y']);
  }
  if (isRemoval && chance(random, 60)) given['name'] = 'trusted.overlay.origin';
  if (op === 'offlineMknod' && chance(random, 70)) {
    given['device'] = { type: 'chr', major: 0, minor: 0 };
  }
  // Drawn by the table of this very operation; what is given has the kinds of its names.
  return { op, args: given } as unknown as Step;
}

/** A free name for what probably was copied up, when it is in a lower layer. */
function drawLink(
  scope: Scope,
  scenario: Scenario,
  layer: 'upper' | number,
  drawn: string,
): { readonly from: string; readonly to: string } {
  const { random } = scope;
  const files = pathsIn(scope, scenario, layer, LINKABLE);
  const dirs = ['.', ...pathsIn(scope, scenario, layer, ['dir'])];
  const copied = scope.inUpper(...NAMED).filter((at) => files.includes(at));
  const from = copied.length > 0 && chance(random, 60) ? pick(random, copied) : drawn;
  const taken = [...files, ...dirs];
  const dir = chance(random, 60) ? parentOf(from) : pick(random, dirs);
  let to = nameIn(random, dir);
  for (let tries = 0; tries < 3 && taken.includes(to); tries++) to = nameIn(random, dir);
  return { from, to };
}

/** An object gets another name, or takes the place of one, or the two change places. */
function drawMove(
  scope: Scope,
  scenario: Scenario,
  layer: 'upper' | number,
  from: string,
): { readonly from: string; readonly to: string; readonly flags: readonly string[] } {
  const { random } = scope;
  if (chance(random, 50)) {
    const dir = chance(random, 50) ? parentOf(from) : drawPath(scope, scenario, layer, ['dir']);
    return { from, to: nameIn(random, dir), flags: [] };
  }
  const type = scope.typeOf(from);
  const to = drawPath(scope, scenario, layer, type === undefined ? ALL : [type]);
  return { from, to, flags: chance(random, 60) ? ['RENAME_EXCHANGE'] : [] };
}

export function drawLayer(
  random: fc.Random,
  { layers, otherBases = [] }: Scenario,
): 'upper' | number {
  const lowers = layers.filter(({ role }) => role === 'lower');
  if (chance(random, 50)) return 'upper';
  const drawn = random.nextInt(0, lowers.length - 1);
  // Nothing changes a layer on a read-only file system.
  const type = otherBases[(lowers[drawn]?.on ?? 0) - 1];
  return type !== undefined && BASE_PROFILES[type].isReadOnly ? 'upper' : drawn;
}

/** A path that the layer probably has: it was made with it, or a step brought it to the upper. */
export function drawPath(
  scope: Scope,
  scenario: Scenario,
  layer: 'upper' | number,
  types: readonly Wanted[],
): string {
  const { random } = scope;
  if (chance(random, types.includes('dir') ? 10 : 3)) return '.';
  if (chance(random, 5)) return scope.path();
  const paths = pathsIn(scope, scenario, layer, types);
  return paths.length > 0 ? pick(random, paths) : scope.path();
}

/** What a layer probably has of some types. */
function pathsIn(
  scope: Scope,
  { layers }: Scenario,
  layer: 'upper' | number,
  types: readonly Wanted[],
): readonly string[] {
  const lowers = layers.filter(({ role }) => role === 'lower');
  const spec = layer === 'upper' ? undefined : lowers[layer];
  if (spec === undefined) return scope.inUpper(...types);
  const own = new Guess([{ ...spec, role: 'upper' }], false);
  const whiteouts = types.includes('whiteout') ? own.goneNames() : [];
  return [...own.pathsOf(...types.filter((type) => type !== 'whiteout')), ...whiteouts];
}

export function nameIn(random: fc.Random, dir: string): string {
  return dir === '.' ? pick(random, NAMES) : `${dir}/${pick(random, NAMES)}`;
}
