import { BASE_PROFILES } from './bases.ts';
import type { BaseProfile } from './base-profile.ts';
import type { BaseType } from './bases.ts';
import { compareResult } from './compare-result.ts';
import { compareTree, newMirror } from './compare-tree.ts';
import type { Mirror } from './compare-tree.ts';
import { Devices } from './devices.ts';
import { errnoName } from './errno.ts';
import { Identities } from './identities.ts';
import { fsOfIno, OVERLAY_FS } from './ino.ts';
import { OPS } from './ops/index.ts';
import { REMOUNTS } from './ops/op.ts';
import type { ResultKind } from './ops/op.ts';
import type {
  Difference,
  ObservedStep,
  ObservedTrace,
  PredictedTrace,
  Tree,
} from './observation.ts';
import type { Prediction } from './prediction.ts';
import type { Scenario } from './scenario.ts';
import type { SetTime } from './time.ts';

/** What comparing one step needs to know of those before it. */
export interface Comparison {
  readonly identities: Identities;
  /** When each step ran. */
  readonly clocks: { readonly before: SetTime; readonly after: SetTime }[];
  /** Names that each listing has returned so far. */
  readonly listings: Map<number, Set<string>>;
  readonly devices: Devices;
}

/**
 * The differences of the first step that has any: what comes after one follows from it. Both traces
 * are of the same scenario; a mount that failed ends a trace.
 */
export function compare(
  predicted: PredictedTrace,
  observed: ObservedTrace,
  scenario: Scenario,
): Difference[] {
  let present: Tree = new Map();
  const profileAt = (ino: number): BaseProfile | null => {
    const base = typeOf(scenario, fsOfIno(ino));
    return base === undefined ? null : BASE_PROFILES[base];
  };
  const comparison: Comparison = {
    identities: new Identities(
      (ino) => profileAt(ino)?.reusesInos === true && !isThere(present, ino),
      (ino) => profileAt(ino)?.hasNullUuid === true,
    ),
    clocks: [],
    listings: new Map(),
    devices: new Devices(),
  };
  const merged = newMirror('merged');
  const base = newMirror('base');
  for (const [index, prediction] of predicted.entries()) {
    const observation = observed[index];
    if (observation === undefined) return [whatIsMissing(index, 'the kernel stopped before')];
    comparison.clocks.push(observation);
    present = prediction.base;
    const step = scenario.steps[index - 1];
    const kind = step === undefined ? 'mount' : OPS[step.op].result;
    if (REMOUNTS.has(kind)) {
      comparison.devices.forgetOverlay();
      comparison.identities.forget(OVERLAY_FS);
      // What is shown of the same objects has to be learned anew.
      merged.equal.clear();
    }
    if (prediction.isOver === true) return [];
    const differences: Difference[] = [];
    const add = (field: string, at: string, said: string, seen: string): void => {
      differences.push({ step: index, field, at, predicted: said, observed: seen });
    };
    compareOutcome(comparison, kind, prediction.result, observation, add);
    if (prediction.isOrderOpen === true) return differences;
    compareDump(comparison, base, prediction.base, observation, add);
    // What lies under a mount point where nothing is mounted says nothing of the overlay.
    if (prediction.merged !== null) {
      compareDump(comparison, merged, prediction.merged, observation, add);
    }
    if (differences.length > 0) return differences;
  }
  if (observed.length > predicted.length) {
    return [whatIsMissing(predicted.length, 'the kernel went on after')];
  }
  return [];
}

function typeOf({ base, otherBases = [] }: Scenario, fs: number): BaseType | undefined {
  return fs === 0 ? base : otherBases[fs - 1];
}

function isThere(tree: Tree, ino: number): boolean {
  for (const { node } of tree.values()) if (node.kind === 'node' && node.ino === ino) return true;
  return false;
}

/** Notes a difference: its sort, its place, what the model says and what the kernel did. */
export type Add = (field: string, at: string, predicted: string, observed: string) => void;

function compareOutcome(
  comparison: Comparison,
  kind: ResultKind,
  predicted: Prediction<unknown>,
  { result }: ObservedStep,
  add: Add,
): void {
  if (predicted.ok && result.ok) {
    compareResult(comparison, kind, predicted.value, result.value, add);
  } else if (predicted.ok) {
    if (!result.ok && predicted.unless?.some((errno) => errno === result.errno) === true) return;
    add('result errno', 'result', 'success', result.ok ? '' : String(result.errno));
  } else if (result.ok) {
    add('result errno', 'result', predicted.anyOf.join(' or '), 'success');
  } else if (!predicted.anyOf.some((errno) => errno === result.errno)) {
    add('result errno', 'result', predicted.anyOf.join(' or '), String(result.errno));
  } else if (predicted.told !== undefined && predicted.told !== result.told) {
    add('result told', 'result', predicted.told, result.told ?? 'nothing');
  }
}

function compareDump(
  comparison: Comparison,
  mirror: Mirror,
  predicted: Tree,
  observation: ObservedStep,
  add: Add,
): void {
  const { name } = mirror;
  const changes = observation[name];
  if (changes !== null) {
    compareTree(comparison, mirror, predicted, changes, add);
    return;
  }
  const errno = errnoName(observation.treeError) ?? String(observation.treeError);
  add(`${name} tree`, `${name} dump`, 'a readable tree', errno);
}

function whatIsMissing(step: number, what: string): Difference {
  return { step, field: 'trace', at: 'trace', predicted: 'as many steps', observed: what };
}
