import { isFree } from '../model/explanation.ts';
import type { Explanation, Varied } from '../model/explanation.ts';
import type { Difference } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { canBeMounted, mountPlaces } from './vary-mount.ts';
import type { MountWishes } from './vary-mount.ts';
import { entryPlaces, placesOfEntries } from './vary-entries.ts';
import { stepPlaces, stepsBefore } from './vary-steps.ts';
import { layerPlaces, namePlaces } from './vary-tree.ts';
import { isAlike } from './property.ts';
import { sweep } from './shrink.ts';
import type { ShrinkLimits, Shows } from './shrink.ts';
import { WITHOUT_OPTION } from './shrink-passes.ts';

/** A scenario that is different in one place. */
export interface Variation {
  /** The value that it has there. */
  readonly says: string;
  /** Something else that is different with it: what hides a difference may be that. */
  readonly along?: string;
  /** Leaves the numbers of steps, layers and entries alone, as others come after it. */
  readonly of: (scenario: Scenario) => Scenario;
}

/** Something about a scenario that could be different. */
export interface Place extends Pick<Varied, 'at' | 'what'> {
  readonly variations: readonly Variation[];
}

/** More than a few steps ever need. */
export const EXPLAIN_PROBES_MAX = 300;

export interface ExplainLimits {
  readonly probesMax: number;
  /** How many variations may be on their way to the kernel at once. */
  readonly inFlight: number;
  /** Whether all that is left is to be left. */
  readonly isOver: () => boolean;
}

/** A minimal scenario, and what it shows. */
export interface Shrunk {
  readonly scenario: Scenario;
  readonly differences: readonly Difference[];
}

/**
 * Finds out what about a minimal scenario does not matter: what can be replaced by other values of
 * its kind while the difference stays. The shrinker has left nothing that can go; here nothing has
 * to be simpler.
 */
export async function explain(
  { scenario, differences }: Shrunk,
  differencesOf: (candidate: Scenario) => Promise<readonly Difference[]>,
  limits: ExplainLimits,
  wishes: MountWishes,
): Promise<Explanation> {
  const shows: Shows = async (candidate) =>
    isAlike([candidate, await differencesOf(candidate)], [scenario, differences]);
  const prober = new Prober(shows, limits);
  const needs = await neededOptions(scenario, prober, limits);
  const places = placesOf(scenario, wishes);
  const answers = await prober.runAll(
    places.flatMap(({ variations }) => variations.map(({ of }) => of(scenario))),
  );
  let at = 0;
  const outcomes = places.map((place): readonly Outcome[] => {
    const first = at;
    at += place.variations.length;
    return place.variations.map((variation, index) => [variation, answers[first + index] ?? null]);
  });
  const tried = places.flatMap((place, index) => {
    const outcome = outcomes[index] ?? [];
    if (outcome.some(([, answer]) => answer === null)) return [];
    const clear = outcome.filter((each) => isClear(each, places, outcomes));
    return clear.length === 0 ? [] : [{ place, varied: variedOf(place, clear) }];
  });
  const free = tried.flatMap(({ place, varied }) => (isFree(varied) ? [place] : []));
  const alone = await notWithOthers(free, scenario, prober, wishes);
  return {
    varied: tried.map(({ place, varied }) => ({ ...varied, isAlone: alone.includes(place) })),
    ...{ needs, probes: prober.probes, isComplete: !prober.isOver() },
  };
}

/** In an order in which one variation after the other can be made. */
function placesOf(scenario: Scenario, wishes: MountWishes): readonly Place[] {
  const places = [
    ...[...stepPlaces(scenario), ...entryPlaces(scenario), ...mountPlaces(scenario, wishes)],
    ...[...placesOfEntries(scenario), ...namePlaces(scenario), ...layerPlaces(scenario)],
    ...stepsBefore(scenario),
  ];
  return places.filter(({ variations }) => variations.length > 0);
}

/** What came of a variation; null for what there was no time for. */
type Outcome = readonly [variation: Variation, answer: boolean | null];

/** Whether what came of it is due to what was asked for. */
function isClear(
  [{ along }, answer]: Outcome,
  places: readonly Place[],
  outcomes: readonly (readonly Outcome[])[],
): boolean {
  if (answer === true || along === undefined) return true;
  const other = places.findIndex(({ what }) => what === along);
  return outcomes[other]?.every(([, itsAnswer]) => itsAnswer === true) ?? false;
}

function variedOf({ at, what }: Place, outcomes: readonly Outcome[]): Omit<Varied, 'isAlone'> {
  const those = (wanted: boolean): readonly string[] =>
    outcomes.filter(([, answer]) => answer === wanted).map(([{ says }]) => says);
  return { at, what, shows: those(true), hides: those(false) };
}

/** Of places that do not matter by themselves, those that do once others are different. */
async function notWithOthers(
  places: readonly Place[],
  scenario: Scenario,
  prober: Prober,
  wishes: MountWishes,
): Promise<readonly Place[]> {
  const all = places.reduce(
    (before, place) => changedAt(place, before, wishes) ?? before,
    scenario,
  );
  if (places.length < 2 || (await prober.run(all)) === true) return [];
  const alone: Place[] = [];
  let changed = scenario;
  for (const place of places) {
    const next = changedAt(place, changed, wishes);
    if (next === null) continue;
    if ((await prober.run(next)) === true) changed = next;
    else alone.push(place);
  }
  return alone;
}

/** With another value at one place; null where what was changed before allows none. */
function changedAt({ variations }: Place, before: Scenario, wishes: MountWishes): Scenario | null {
  const changed = variations.map(({ of }) => of(before));
  return changed.find((each) => canBeMounted(each, wishes)) ?? null;
}

/** What is left of the mount options when none can go. */
async function neededOptions(
  scenario: Scenario,
  prober: Prober,
  { inFlight }: ExplainLimits,
): Promise<string | null> {
  if (scenario.mount !== undefined) return null;
  const isAsked = (candidate: Scenario): Promise<boolean> =>
    prober.run(candidate).then((answer) => answer === true);
  const limits: ShrinkLimits = { evaluationsMax: prober.left(), inFlight };
  const { options } = await sweep(scenario, isAsked, limits, WITHOUT_OPTION);
  return prober.isOver() ? null : options;
}

/** Runs variations within limits. */
class Prober {
  probes = 0;
  private isCut = false;
  private readonly shows: Shows;
  private readonly limits: ExplainLimits;

  constructor(shows: Shows, limits: ExplainLimits) {
    this.shows = shows;
    this.limits = limits;
  }

  left(): number {
    return Math.max(0, this.limits.probesMax - this.probes);
  }

  /** Whether something was not tried. */
  isOver(): boolean {
    return this.isCut;
  }

  /** Null for what there was no time for. */
  async run(scenario: Scenario): Promise<boolean | null> {
    if (this.left() === 0 || this.limits.isOver()) {
      this.isCut = true;
      return null;
    }
    this.probes++;
    return this.shows(scenario);
  }

  async runAll(scenarios: readonly Scenario[]): Promise<readonly (boolean | null)[]> {
    const answers = new Array<boolean | null>(scenarios.length).fill(null);
    const queue = scenarios.entries();
    const lane = async (): Promise<void> => {
      for (const [index, scenario] of queue) answers[index] = await this.run(scenario);
    };
    await Promise.all(Array.from({ length: this.limits.inFlight }, lane));
    return answers;
  }
}
