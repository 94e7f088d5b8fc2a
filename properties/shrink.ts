import type { Scenario } from '../model/scenario.ts';
import { PASSES, withoutSteps } from './shrink-passes.ts';
import type { Pass } from './shrink-passes.ts';

/** Whether a scenario still shows the difference that is being shrunk. */
export type Shows = (scenario: Scenario) => Promise<boolean>;

export interface ShrinkLimits {
  readonly evaluationsMax: number;
  /** How many candidates may be on their way to the kernel at once. */
  readonly inFlight: number;
}

export interface Shrunk {
  readonly scenario: Scenario;
  readonly evaluations: number;
  /** Whether no step and no entry can be left out; false when a limit was hit. */
  readonly isMinimal: boolean;
}

/**
 * Makes a scenario minimal that shows a difference: no step and no layer entry can be left out, and
 * no argument be simpler. It works on plain data alone, so any scenario from a file will do.
 */
export async function shrink(
  scenario: Scenario,
  shows: Shows,
  limits: ShrinkLimits,
  passes: readonly Pass[] = PASSES,
): Promise<Shrunk> {
  const search = new Search(shows, limits);
  let smallest = scenario;
  let last: Scenario;
  do {
    last = smallest;
    for (let size = Math.ceil(smallest.steps.length / 2); size >= 1; size = size >> 1) {
      smallest = await search.sweep(smallest, withoutSteps(size));
    }
    for (const pass of passes) smallest = await search.sweep(smallest, pass);
  } while (smallest !== last && !search.isExhausted());
  return { scenario: smallest, evaluations: search.evaluations, isMinimal: !search.isExhausted() };
}

/** Goes through one pass alone, once. */
export async function sweep(
  scenario: Scenario,
  shows: Shows,
  limits: ShrinkLimits,
  pass: Pass,
): Promise<Scenario> {
  return new Search(shows, limits).sweep(scenario, pass);
}

/** So many candidates for each evaluation: those known from before are free, but not endless. */
const TRIES_PER_EVALUATION = 20;

class Search {
  evaluations = 0;
  private tries = 0;
  private readonly shows: Shows;
  private readonly limits: ShrinkLimits;
  private readonly known = new Map<string, Promise<boolean>>();

  constructor(shows: Shows, limits: ShrinkLimits) {
    this.shows = shows;
    this.limits = limits;
  }

  isExhausted(): boolean {
    const { evaluationsMax } = this.limits;
    return (
      this.evaluations >= evaluationsMax || this.tries >= evaluationsMax * TRIES_PER_EVALUATION
    );
  }

  /** Goes through the places of a pass; where a candidate shows the difference, goes on from it. */
  async sweep(scenario: Scenario, pass: Pass): Promise<Scenario> {
    let smallest = scenario;
    let place = 0;
    for (;;) {
      const found = await this.firstThatShows(candidates(smallest, pass, place));
      if (found === null) return smallest;
      ({ scenario: smallest, place } = found);
    }
  }

  /** The first candidate in order that shows the difference; several are tried at a time. */
  private async firstThatShows(all: Iterator<Candidate>): Promise<Candidate | null> {
    const inFlight: { readonly candidate: Candidate; readonly shows: Promise<boolean> }[] = [];
    const refill = (): void => {
      while (inFlight.length < this.limits.inFlight && !this.isExhausted()) {
        const next = all.next();
        if (next.done === true) return;
        inFlight.push({ candidate: next.value, shows: this.evaluate(next.value.scenario) });
      }
    };
    for (;;) {
      refill();
      const first = inFlight.shift();
      if (first === undefined) return null;
      if (await first.shows) {
        // Their answers come to nobody, but trouble must still be heard of.
        await Promise.all(inFlight.map(({ shows }) => shows));
        return first.candidate;
      }
    }
  }

  private evaluate(scenario: Scenario): Promise<boolean> {
    this.tries++;
    const key = JSON.stringify(scenario);
    const known = this.known.get(key);
    if (known !== undefined) return known;
    this.evaluations++;
    const answer = this.shows(scenario);
    // Whoever awaits it sees the rejection; it must not count as unhandled before that.
    answer.catch(() => undefined);
    this.known.set(key, answer);
    return answer;
  }
}

interface Candidate {
  readonly scenario: Scenario;
  readonly place: number;
}

function* candidates(scenario: Scenario, pass: Pass, from: number): Generator<Candidate> {
  const places = pass.places(scenario);
  for (let place = from; place < places; place++) {
    for (const smaller of pass.at(scenario, place)) yield { scenario: smaller, place };
  }
}
