import type { BaseType } from '../model/bases.ts';
import type { Checked, TreeChanges } from '../model/observation.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import type { Kernel } from './kernel.ts';

/** The one place of a kernel that does not come back from a step: the machine is lost with it. */
export const LOSSES = ['no answer', 'panic', 'warning'] as const;
export type Loss = (typeof LOSSES)[number];

/** A misbehaviour of real kernels that is known, from fixtures/disagreements. */
export interface KnownDisagreement {
  readonly file: string;
  /** Version prefixes of the kernels that do this. */
  readonly kernels: readonly string[];
  /** What the kernel does, and why we believe that it is wrong. */
  readonly reason: string;
  /** The property that it is seen by. */
  readonly property: string;
  /** One of the file systems of the scenario; any, if it is not said. */
  readonly base?: BaseType | undefined;
  /** The step was predicted by this rule; for a law without a model, one before it was. */
  readonly rule: string;
  /**
   * Every place that may differ. `{path}` stands for a path, of one object for each step that the
   * rule predicts; `{temp}` for the name of a temporary object, `{turn}` for the number of a work
   * directory, `{any}` for anything. Where it is `no answer`, `panic` or `warning` (which is a
   * panic, too, in our machines), or one of several of them, the kernel never comes back from the
   * first step that the rule predicts.
   */
  readonly differs: readonly string[];
  /** The same for a later step, where looking is left to the end: without it, none may. */
  readonly differsLater?: readonly string[] | undefined;
  /** The shortest scenario that shows it. */
  readonly scenario: Scenario;
}

/** What was checked, where, and what that showed. */
interface Seen {
  readonly property: string;
  readonly scenario: Scenario;
  readonly kernel: Pick<Kernel, 'release' | 'environment'>;
  readonly checked: Checked;
}

const WILDCARDS: Readonly<Record<string, string>> = {
  '{path}': '(?<path>[^ ]+)',
  '{temp}': '#[0-9a-f]+',
  '{any}': '.+',
  '{turn}': '\\d*',
};

/** What means something in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/g;

/** The entry that explains all differences of a scenario on a kernel, if one does. */
export function knownDisagreement(
  entries: readonly KnownDisagreement[],
  seen: Seen,
): KnownDisagreement | undefined {
  const { property, kernel, checked } = seen;
  if (checked.differences.length === 0) return undefined;
  const { base: first, otherBases = [] } = seen.scenario;
  const bases = [first, ...otherBases];
  const candidates = entries.filter(({ kernels, property: name, base = first }) => {
    const isOfKernel = kernels.some((prefix) => isOfVersion(kernel.release, prefix));
    return isOfKernel && name === property && bases.includes(base);
  });
  return (
    candidates.find((entry) =>
      explains(entry.differs, entry.rule, checked, () => ruleSteps(seen)),
    ) ?? candidates.find((entry) => showsLater(entry, seen))
  );
}

/** Whether all that differs is at such places, and no more of them than the rule was used. */
function explains(
  places: readonly string[],
  rule: string,
  checked: Checked,
  stepsOf: () => readonly (readonly string[])[],
): boolean {
  const objects = objectsOf(places, checked);
  if (objects === null) return false;
  const times = stepsOf().filter((rules) => rules.includes(rule)).length;
  return times > 0 && objects.size <= times;
}

/** Where looking is left to the end, a misbehaviour shows when something comes across it. */
function showsLater({ rule, differsLater }: KnownDisagreement, seen: Seen): boolean {
  const { scenario, checked } = seen;
  if (scenario.looks === undefined || differsLater === undefined) return false;
  const before = checked.predicted.slice(0, checked.differences[0]?.step ?? 0);
  return explains(differsLater, rule, checked, () => before.map(({ rules }) => rules));
}

/** The objects at whose paths places differ, or null when one differs that must not. */
function objectsOf(
  differs: readonly string[],
  { differences, observed }: Checked,
): ReadonlySet<string> | null {
  const patterns = differs.map(patternOf);
  const paths = new Set<string>();
  for (const { at } of differences) {
    const match = patterns.map((pattern) => pattern.exec(at)).find((found) => found !== null);
    if (match === undefined) return null;
    const path = match.groups?.['path'];
    if (path !== undefined) paths.add(path);
  }
  // What is below a directory that cannot be listed is missing with it.
  const own = [...paths].filter((path) => !isBelowAny(path, paths));
  const merged = observed[differences[0]?.step ?? 0]?.merged ?? new Map();
  return new Set(own.map((path) => objectAt(merged, path)));
}

/** Names of one file are one object. */
function objectAt(merged: TreeChanges, path: string): string {
  const node = merged.get(path);
  return node?.kind === 'node' && node.nlink > 1 ? `${node.dev} ${node.ino}` : path;
}

function isBelowAny(path: string, others: ReadonlySet<string>): boolean {
  for (const other of others) if (path.startsWith(`${other}/`)) return true;
  return false;
}

function patternOf(place: string): RegExp {
  const parts = place.split(/(\{[a-z]+\})/);
  const source = parts.map((part) => WILDCARDS[part] ?? part.replaceAll(SPECIAL, '\\$&')).join('');
  return new RegExp(`^${source}$`);
}

/** Rules by step: of the one that differs, or of all up to it when nothing was predicted. */
function ruleSteps({ scenario, kernel, checked }: Seen): readonly (readonly string[])[] {
  const step = checked.differences[0]?.step ?? 0;
  if (checked.predicted.length > 0) return [checked.predicted[step]?.rules ?? []];
  // The law needs no model, but what broke it has a name there.
  const { release, environment } = kernel;
  const played = { goesOn: true };
  const trace = simulate(withEpilogue(scenario), profileOfRelease(release), environment, played);
  return trace.slice(0, step + 1).map(({ rules }) => rules);
}

/** Whether a release such as `6.12.7+deb13` is of a version prefix such as `6.12`. */
export function isOfVersion(release: string, prefix: string): boolean {
  return release.startsWith(prefix) && !/^\d/.test(release.slice(prefix.length));
}
