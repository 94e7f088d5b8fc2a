import { madeUpPath } from '../../model/disk-names.ts';
import { Identities } from '../../model/identities.ts';
import type { Checked, Difference, Seen, Tree } from '../../model/observation.ts';
import { observedFacts, predictedFacts } from './tree-facts.ts';
import type { Facts } from './tree-facts.ts';

/** A path of a tree: before the step that differs, and after it by the model and by the kernel. */
export interface TreeRow {
  /** Below the root of its tree, which is the empty path. */
  readonly path: string;
  readonly before: Facts | null;
  readonly predicted: Facts | null;
  readonly observed: Facts | null;
  /** What differs here, in words. */
  readonly differences: readonly string[];
}

export interface TreeRows {
  readonly name: string;
  readonly rows: readonly TreeRow[];
  /** So many more paths there were. */
  readonly left: number;
}

/** Who says what, unless a property says otherwise. */
export const SIDES = ['model', 'kernel'] as const;

const ROWS_MAX = 300;
const WHERE = ['merged', 'base'] as const;
type Where = (typeof WHERE)[number];

/** The layers, before and after, as model and kernel have them; the root of each stands first. */
export function treeRows(checked: Checked): readonly TreeRows[] {
  const step = checked.differences[0]?.step ?? checked.observed.length - 1;
  const identities = new Identities(() => true);
  const states = WHERE.map(
    (where) => [where, kernelStates(checked, where, step, identities)] as const,
  );
  return states.flatMap(([where, state]) => {
    const rows = rowsOf(checked, where, step, state, identities);
    const groups = Map.groupBy(rows, ({ path }) => (where === 'merged' ? 'merged' : rootOf(path)));
    return [...groups]
      .filter(([root, group]) => root !== '' || group.some(isDifferent))
      .map(([root, group]) => treeOf(where, root, group));
  });
}

function isDifferent({ differences }: TreeRow): boolean {
  return differences.length > 0;
}

function treeOf(where: Where, root: string, rows: readonly TreeRow[]): TreeRows {
  const below = where === 'merged' || root === '' ? 0 : root.length + 1;
  const sorted = rows
    .map((row) => ({ ...row, path: row.path.slice(below) }))
    .toSorted((a, b) => comparePaths(a.path, b.path));
  // What differs is shown, however much there is.
  const shown = sorted.filter((row, index) => index < ROWS_MAX || isDifferent(row));
  return { name: nameOf(root), rows: shown, left: sorted.length - shown.length };
}

/** Where a layer or a work directory is: a folder of one of the file systems. */
function rootOf(path: string): string {
  return /^(?:f\d+\/)?[ulwd]\d*(?=\/|$)/.exec(path)?.[0] ?? '';
}

const NAMES: Readonly<Record<string, string>> = { u: 'upper', w: 'work', l: 'lower', d: 'data' };

function nameOf(root: string): string {
  const [, on, letter = '', number = ''] = /^(?:f(\d+)\/)?([a-z])(\d*)$/.exec(root) ?? [];
  const name = NAMES[letter];
  if (name === undefined) return root === '' ? 'beside the layers' : root;
  const at = on === undefined ? '' : ` on file system ${on}`;
  return `${name}${number === '' ? '' : ` ${number}`}${at}`;
}

/** Depth first, each folder before what is in it. */
function comparePaths(a: string, b: string): number {
  const [one, other] = [a.split('/'), b.split('/')];
  for (const [index, name] of one.entries()) {
    const against = other[index];
    if (against === undefined) return 1;
    if (name !== against) return name < against ? -1 : 1;
  }
  return one.length - other.length;
}

interface States {
  readonly before: ReadonlyMap<string, Seen>;
  readonly after: ReadonlyMap<string, Seen>;
}

/** What the kernel's tree looked like, put together from what changed. */
function kernelStates(
  { predicted, observed }: Checked,
  where: Where,
  step: number,
  identities: Identities,
): States {
  const nodes = new Map<string, Seen>();
  let before: ReadonlyMap<string, Seen> = new Map();
  for (const [index, seen] of observed.slice(0, step + 1).entries()) {
    if (index === step) before = new Map(nodes);
    for (const [path, change] of seen[where] ?? []) {
      if (change.kind === 'gone') nodes.delete(path);
      else nodes.set(path, change);
    }
    if (where === 'base') learn(identities, predicted[index]?.base, nodes);
  }
  return { before, after: nodes };
}

/** Which numbers are of the same object: those that are at the same place. */
function learn(
  identities: Identities,
  tree: Tree | undefined,
  nodes: ReadonlyMap<string, Seen>,
): void {
  for (const [path, { node }] of tree ?? []) {
    const seen = nodes.get(path);
    if (node.kind === 'node' && seen?.kind === 'node') identities.agree(node.ino, seen.ino);
  }
}

function rowsOf(
  { predicted, differences, sides = SIDES }: Checked,
  where: Where,
  step: number,
  states: States,
  identities: Identities,
): readonly TreeRow[] {
  const isModelled = predicted.length > 0;
  const [said, saidBefore] = [predicted[step]?.[where], predicted[step - 1]?.[where]];
  const tree: Tree = said ?? new Map();
  const seen = factsByName(states.after, tree, where, identities);
  const seenBefore = factsByName(states.before, tree, where, identities);
  const paths = new Set([...seen.keys(), ...tree.keys(), ...seenBefore.keys()]);
  for (const path of saidBefore?.keys() ?? []) paths.add(path);
  return [...paths].map((path) => {
    const place = `${where} ${path}`;
    const here = differences.filter(({ at }) => at === place || at.startsWith(`${place} `));
    const predictedHere = factsAt(said, path);
    const observedHere = seen.get(path) ?? null;
    return {
      path,
      before: isModelled ? factsAt(saidBefore, path) : (seenBefore.get(path) ?? null),
      predicted: predictedHere,
      observed: observedHere && inModelsWords(observedHere, predictedHere, here),
      differences: here.map((difference) => saysOf(difference, place, sides)),
    };
  });
}

/** An xattr that was found to agree may look otherwise: some bytes are for the kernel to choose. */
function inModelsWords(
  observed: Facts,
  predicted: Facts | null,
  here: readonly Difference[],
): Facts {
  return Object.fromEntries(
    Object.entries(observed).map(([field, text]) => {
      const isAgreed = field.startsWith('xattr ') && !here.some(({ at }) => at.endsWith(field));
      return [field, isAgreed ? (predicted?.[field] ?? text) : text];
    }),
  );
}

/** By the model's names, where the kernel made a name up. */
function factsByName(
  nodes: ReadonlyMap<string, Seen>,
  predicted: Tree,
  where: Where,
  identities: Identities,
): ReadonlyMap<string, Facts> {
  const facts = new Map<string, Facts>();
  const hasName = (candidate: string): boolean => facts.has(candidate);
  for (const [path, seen] of nodes) {
    const ours = where === 'base' ? madeUpPath(identities, predicted, path, hasName) : null;
    facts.set(ours ?? path, observedFacts(seen, identities));
  }
  return facts;
}

function factsAt(tree: Tree | null | undefined, path: string): Facts | null {
  const entry = tree?.get(path);
  return entry === undefined ? null : predictedFacts(entry);
}

function saysOf(
  { at, predicted, observed }: Difference,
  place: string,
  [said, seen]: readonly [string, string],
): string {
  const field = at.slice(place.length + 1);
  return `${field === '' ? 'this name' : field}: ${said} ${predicted}, ${seen} ${observed}`;
}
