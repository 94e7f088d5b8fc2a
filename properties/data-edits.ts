import type fc from 'fast-check';
import { BASE_PROFILES } from '../model/bases.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { Entry, Scenario } from '../model/scenario.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { parentOf } from './guess.ts';
import { nameIn } from './offline.ts';
import type { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

/** What is done to layers that have nothing but data, while nothing is mounted. */
const EDITS = wheel<OpName>([
  ['offlineWrite', 5],
  ['offlineTruncate', 4],
  ['offlineUnlink', 4],
  ['offlineRename', 5],
  ['offlineLink', 2],
  ['offlineCreate', 3],
  ['offlineMkdir', 1],
  ['offlineChmod', 1],
  ['offlineCopy', 2],
  ['offlineRemoveTree', 2],
]);

/** Which of these layers can be changed. */
export function dataLayersOf({ layers, otherBases = [] }: Scenario): readonly number[] {
  const data = layers.filter(({ role }) => role === 'data');
  return [...data.keys()].filter((index) => {
    const type = otherBases[(data[index]?.on ?? 0) - 1];
    return type === undefined || !BASE_PROFILES[type].isReadOnly;
  });
}

/** A change of one of them: what other layers point to is moved, cut or gone then. */
export function drawDataEdit(scope: Scope, scenario: Scenario, index: number): Step {
  const { random } = scope;
  const spec = scenario.layers.filter(({ role }) => role === 'data')[index];
  const entries = spec?.entries ?? [];
  const op = spin(random, EDITS);
  const path = pathIn(scope, random, entries);
  const given: Record<string, unknown> = { ...drawArgs(scope, op), layer: `data ${index}` };
  const free = nameIn(random, chance(random, 50) ? parentOf(path) : '.');
  if ('path' in OPS[op].args) given['path'] = MAKERS.has(op) ? free : path;
  if ('from' in OPS[op].args) Object.assign(given, { from: path, to: free });
  if (op === 'offlineRename') {
    const isExchange = chance(random, 50);
    given['flags'] = isExchange ? ['RENAME_EXCHANGE'] : [];
    if (isExchange) given['to'] = pathIn(scope, random, entries);
  }
  // Drawn by the table of this very operation; what is given has the kinds of its names.
  return { op, args: given } as unknown as Step;
}

const MAKERS: ReadonlySet<OpName> = new Set<OpName>(['offlineCreate', 'offlineMkdir']);

/** A file of the layer, or one of the directories that it is in. */
function pathIn(scope: Scope, random: fc.Random, entries: readonly Entry[]): string {
  if (entries.length === 0) return scope.path();
  const { path } = pick(random, entries);
  return path !== '.' && chance(random, 15) ? parentOf(path) : path;
}
