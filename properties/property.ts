import type { Kernel } from '../harness/kernel.ts';
import type { BaseType } from '../model/bases.ts';
import type { Checked, Difference } from '../model/observation.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Wishes } from './scenarios.ts';
import type { Pass } from './shrink-passes.ts';

/** Scenarios that are all gone through, instead of drawn for as long as there is time. */
export interface ScenarioList {
  readonly count: number;
  /** How many are checked at once. */
  readonly together: number;
  check(scenarios: readonly Scenario[], kernel: Kernel): Promise<readonly Checked[]>;
  /** What a kernel on which every scenario held does, for programs and for people. */
  certify?(kernel: Pick<Kernel, 'release' | 'environment'>): {
    readonly document: unknown;
    readonly text: string;
  };
}

/** A law about every scenario. */
export interface Property {
  readonly name: string;
  readonly says: string;
  /** For a law about a finite number of scenarios. */
  readonly list?: ScenarioList;
  /** The file system that all layers are on, where that is settled. */
  readonly base?: BaseType;
  /** What else they can be on. */
  readonly alsoOn?: readonly BaseType[];
  /** Its scenarios make the device under the upper layer fail, which needs a machine of our own. */
  readonly failsDevices?: true;
  /** The same of layers on file systems by name, or on any, where it lists scenarios. */
  readonly on?: (names: string) => Property;
  /** How its scenarios get simpler; all the usual ways unless said otherwise. */
  readonly passes?: readonly Pass[];
  scenarioAt(seed: number, index: number, wishes: Wishes): Scenario;
  check(scenario: Scenario, kernel: Kernel): Promise<Checked>;
}

/** The operation of a step of a trace; the trace starts with the mount and ends with epilogue. */
export function opAt(scenario: Scenario, step: number): string {
  return step === 0 ? 'mount' : (withEpilogue(scenario).steps[step - 1]?.op ?? 'none');
}

/** What stays the same while a difference shrinks: the operation, and what it got wrong. */
export function signatureOf(scenario: Scenario, [first]: readonly Difference[]): string | null {
  if (first === undefined) return null;
  const { field, predicted, observed } = first;
  // Another errno is another finding; any other value is much the same finding.
  const outcome = field.startsWith('result') && isErrnoLike(predicted, observed);
  const values = outcome ? ` ${predicted} ${observed}` : '';
  return `${opAt(scenario, first.step)} ${field}${values}`;
}

/**
 * Whether what differs is much the same as before: on another file system, or in another layer, it
 * may show in another place first. What a call returns is no such place.
 */
export function isAlike(
  [scenario, differences]: readonly [Scenario, readonly Difference[]],
  [before, those]: readonly [Scenario, readonly Difference[]],
): boolean {
  const [first] = those;
  const signature = signatureOf(scenario, differences);
  if (first === undefined || signature === null) return false;
  const places = first.field.startsWith('result') ? [first] : those;
  return places.some((each) => signatureOf(before, [each]) === signature);
}

/**
 * What became of an object, for what differs of one in a state of its own: what is wrong in layers,
 * or that it is shown wrong and no more, by whichever call. Null where a call failed, or ought to
 * have.
 */
export function harmOf(differences: readonly Difference[]): string | null {
  const fails = differences.some(
    ({ field, predicted, observed }) =>
      field.startsWith('result') && isErrnoLike(predicted, observed),
  );
  if (fails) return null;
  const wrong = differences.map(({ field }) => field).filter((field) => field.startsWith('base'));
  // Times and sizes follow from the rest.
  const telling = wrong.filter((field) => !field.includes('st_'));
  return [...new Set(telling)].sort().join(', ');
}

function isErrnoLike(...texts: readonly string[]): boolean {
  return texts.some((text) => /\bE[A-Z0-9]{2,}\b/.test(text));
}
