import type { Difference, ObservedGone, ObservedNode } from '../model/observation.ts';
import type { ObservedTrace, ObservedUnreadable } from '../model/observation.ts';
import { typeOfMode } from '../model/compare-fields.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { quote } from '../model/print.ts';
import type { Property } from './property.ts';
import { scenarioAt } from './scenarios.ts';

type Seen = ObservedNode | ObservedUnreadable;

/** Steps after which everything must look as it did before them. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['dropCaches', 'remount']);

/** What may change all the same, each with its reason. */
const MAY_CHANGE: Readonly<Record<string, string>> = {
  dev: 'A mount has a device number of its own.',
  dIno: 'It is translated only once the directory is marked impure, which looking at it may do.',
  dotIno: 'So is that of the entry for the directory itself.',
  dotdotIno: 'So is that of the entry for the directory above.',
};
const MAY_CHANGE_OF_DIR: Readonly<Record<string, string>> = {
  ctime: 'Lookup marks a merged directory that was made by hand with the origin that it lacks.',
};

export const remountEquivalence: Property = {
  name: 'remount-equivalence',
  says: 'What is seen stays the same when caches are dropped, and after a remount.',
  scenarioAt,

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const differences = changesOf(withEpilogue(scenario), observed);
    return { differences, predicted: [], observed, sides: ['before', 'after'] };
  },
};

/** All that changed in the first step that should have changed nothing. */
function changesOf({ steps }: Scenario, observed: ObservedTrace): readonly Difference[] {
  const nodes = new Map<string, Seen>();
  for (const [index, { result, merged }] of observed.entries()) {
    const step = steps[index - 1];
    const isEqual = step !== undefined && CHANGES_NOTHING.has(step.op) && result.ok;
    const differences: Difference[] = [];
    for (const [path, change] of merged ?? []) {
      if (isEqual) differences.push(...differencesAt(index, path, nodes.get(path), change));
      if (change.kind === 'gone') nodes.delete(path);
      else nodes.set(path, change);
    }
    if (differences.length > 0) return differences;
  }
  return [];
}

function differencesAt(
  step: number,
  path: string,
  before: Seen | undefined,
  after: Seen | ObservedGone,
): readonly Difference[] {
  const was = fieldsOf(before);
  const is = fieldsOf(after);
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((field) => {
    const [predicted, observed] = [was.get(field) ?? 'nothing', is.get(field) ?? 'nothing'];
    if (predicted === observed) return [];
    return [{ step, field: `merged ${field}`, at: `merged ${path} ${field}`, predicted, observed }];
  });
}

function fieldsOf(seen: Seen | ObservedGone | undefined): ReadonlyMap<string, string> {
  if (seen === undefined || seen.kind === 'gone') return new Map();
  const { kind, ...fields } = seen;
  const isDir = kind === 'node' && typeOfMode(seen.mode) === 'dir';
  return new Map(
    Object.entries(fields).flatMap(([name, value]) => {
      if (name in MAY_CHANGE || (isDir && name in MAY_CHANGE_OF_DIR)) return [];
      if (!(value instanceof Map)) return [[name, say(value)] as const];
      return [...value].map(([xattr, text]) => [`xattr ${String(xattr)}`, say(text)] as const);
    }),
  );
}

function say(value: unknown): string {
  return typeof value === 'string' ? quote(value) : JSON.stringify(value);
}
