import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mutant } from '../mutants/record.ts';
import { isEquivalent } from '../mutants/record.ts';
import type { Hunted } from './mutant-hunt.ts';

const FILE = 'score.jsonl';

/** One hunt, as it is kept: what it was for, and what came of it. */
export interface Outcome extends Omit<Hunted, 'finding' | 'alarms'> {
  readonly id: string;
  readonly seed: number;
  /** Of the module: a changed record is another mutant. */
  readonly key: string;
  readonly stepsMax: number;
  readonly seconds: number;
  /** How often something was found that the unmodified module does as well. */
  readonly alarms: number;
}

/** One line of the table, over all seeds. */
export interface Score {
  readonly id: string;
  readonly class: string;
  readonly equivalent: boolean;
  /** By most of the seeds. */
  readonly found: boolean;
  readonly seeds: number;
  readonly seedsFound: number;
  /** The median, where those that did not find it took longer than the others; else null. */
  readonly stepsUntilFound: number | null;
  readonly scenariosUntilFound: number | null;
  readonly shrunkSteps: number | null;
  readonly property: string | null;
  readonly cause: string | null;
}

/** What a report folder has of hunts that came to an end. */
export function readOutcomes(folder: string): readonly Outcome[] {
  let text: string;
  try {
    text = readFileSync(join(folder, FILE), 'utf8');
  } catch {
    return [];
  }
  // Written by ourselves. The last line may be cut off where we were killed.
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Outcome];
    } catch {
      return [];
    }
  });
}

/** What is known of a module: with more steps to go it would have been found all the same. */
export function answersTo(
  outcomes: readonly Outcome[],
  key: string,
  stepsMax: number,
  /** What a hunt in vain must have done to count; see `stepsThatMatter`. */
  stepsEnough = stepsMax,
): readonly Outcome[] {
  return outcomes.filter((outcome) => {
    const isEnough = outcome.found ? outcome.steps <= stepsMax : outcome.stepsMax >= stepsEnough;
    return outcome.key === key && isEnough;
  });
}

/**
 * How many steps one more hunt needs before the median over all `seeds` cannot change any more:
 * as many as the slowest of those that are most already, or none at all.
 */
export function stepsThatMatter(
  outcomes: readonly Outcome[],
  seeds: number,
  stepsMax: number,
): number {
  const found = outcomes.filter((outcome) => outcome.found);
  const most = mostOf(seeds);
  if (outcomes.length - found.length > seeds - most) return 0;
  return ascending(found.map(({ steps }) => steps))[most - 1] ?? stepsMax;
}

function mostOf(seeds: number): number {
  return Math.floor(seeds / 2) + 1;
}

function ascending(values: readonly number[]): readonly number[] {
  return [...values].sort((a, b) => a - b);
}

/** On disk before anything else is begun. */
export function keepOutcome(folder: string, outcome: Outcome): void {
  appendFileSync(join(folder, FILE), `${JSON.stringify(outcome)}\n`);
}

export function scoreOf(mutant: Mutant, outcomes: readonly Outcome[]): Score {
  const found = outcomes.filter((outcome) => outcome.found);
  const most = mostOf(outcomes.length);
  // Who is not found has taken longer than any other.
  const median = (values: readonly number[]): number | null => ascending(values)[most - 1] ?? null;
  const shrunk = ascending(found.flatMap(({ shrunkSteps }) => shrunkSteps ?? []));
  return {
    id: mutant.id,
    class: mutant.class,
    equivalent: isEquivalent(mutant),
    found: found.length >= most,
    seeds: outcomes.length,
    seedsFound: found.length,
    stepsUntilFound: median(found.map(({ steps }) => steps)),
    scenariosUntilFound: median(found.map(({ scenarios }) => scenarios)),
    shrunkSteps: shrunk[Math.floor((shrunk.length - 1) / 2)] ?? null,
    property: found[0]?.property ?? null,
    cause: found[0]?.cause ?? null,
  };
}

function whyNotFound({ equivalent, seeds }: Score): string {
  if (seeds === 0) return 'not hunted';
  return equivalent ? 'equivalent' : 'SURVIVED';
}

/** The table, then the sum, then who survived. */
export function scoreText(scores: readonly Score[]): string {
  const width = Math.max(...scores.map(({ id }) => id.length), 6);
  const lines = [`${'mutant'.padEnd(width)}  found  steps  scenarios  shrunk  property`];
  for (const score of scores) {
    const cells = [
      `${score.seedsFound}/${score.seeds}`.padStart(5),
      String(score.stepsUntilFound ?? '-').padStart(5),
      String(score.scenariosUntilFound ?? '-').padStart(9),
      String(score.shrunkSteps ?? '-').padStart(6),
      score.property ?? whyNotFound(score),
    ];
    lines.push(`${score.id.padEnd(width)}  ${cells.join('  ')}`);
  }
  const meant = scores.filter(({ equivalent, seeds }) => !equivalent && seeds > 0);
  const found = meant.filter((score) => score.found);
  const percent = meant.length === 0 ? 0 : Math.round((100 * found.length) / meant.length);
  const steps = found.flatMap(({ stepsUntilFound }) => stepsUntilFound ?? []).sort((a, b) => a - b);
  const middle = steps[Math.floor((steps.length - 1) / 2)];
  lines.push(
    '',
    `${found.length} of ${meant.length} found (${percent} %)` +
      (middle === undefined ? '' : `, half of them within ${middle} steps`),
  );
  const survivors = meant.filter((score) => !score.found).map(({ id }) => id);
  if (survivors.length > 0) lines.push(`survivors: ${survivors.join(', ')}`);
  return lines.join('\n');
}
