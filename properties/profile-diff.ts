import { compare } from '../model/compare.ts';
import { concretise } from '../model/concretise.ts';
import type { Difference, PredictedTrace } from '../model/observation.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { answering, answersOf } from '../model/semantics/questions.ts';
import type { Answers, Question } from '../model/semantics/questions.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { ANY_BASE } from './bases.ts';
import { ANY_OPTIONS } from './options.ts';
import { DEFAULT_OPTIONS, scenarioAt } from './scenarios.ts';
import { shrink } from './shrink.ts';
import { PASSES, WITHOUT_OPTION } from './shrink-passes.ts';
import { writeback } from './writeback.ts';

/** What two semantics predict of one scenario, where that differs. */
export interface Predictions {
  readonly differences: readonly Difference[];
  readonly a: PredictedTrace;
  readonly b: PredictedTrace;
}

/** A scenario that tells two semantics apart, and what it turns on. */
export interface Counterexample extends Predictions {
  readonly scenario: Scenario;
  /** The answers without which they would predict the same: one, mostly. */
  readonly turnsOn: readonly Answers[];
}

export interface ProfileDiff {
  /** The smallest first, and one for each thing that it turns on. */
  readonly found: readonly Counterexample[];
  /** Answers that differ, and that nothing turned on so far. */
  readonly unmet: readonly Answers[];
  readonly scenarios: number;
}

export interface SearchLimits {
  readonly seed: number;
  readonly options: string;
  readonly base: string;
  readonly stepCount: number;
  readonly scenariosMax: number;
  readonly foundMax: number;
  readonly shrinkEvaluationsMax: number;
}

/** What two semantics predict differently, in the first step in which they do. */
export function predictBoth(scenario: Scenario, a: Semantics, b: Semantics): Predictions {
  const extended = withEpilogue(scenario);
  const [traceA, traceB] = [a, b].map((each) => simulate(extended, each, USUAL_ENVIRONMENT));
  if (traceA === undefined || traceB === undefined) throw new RangeError('two were asked for');
  const differences = compare(traceA, concretise(traceB, extended), extended);
  // What one of them leaves open is no difference, and whoever leaves it open plays badly.
  const back =
    differences.length === 0 ? [] : compare(traceB, concretise(traceA, extended), extended);
  return { differences: back.length === 0 ? [] : differences, a: traceA, b: traceB };
}

/**
 * Looks for scenarios that tell two semantics apart. Once it is known what one turns on, the search
 * goes on with that answered alike, so that what comes up everywhere hides nothing for long.
 */
export async function diffProfiles(
  a: Semantics,
  b: Semantics,
  limits: SearchLimits,
  signal: AbortSignal,
): Promise<ProfileDiff> {
  const found: Counterexample[] = [];
  let nearer = a;
  let index = 0;
  const isOver = (): boolean =>
    signal.aborted || index >= limits.scenariosMax || found.length >= limits.foundMax;
  for (; !isOver() && answersOf(nearer, b).length > 0; index++) {
    // Each of the two knows options that the other does not.
    const scenario = drawn(index, (index % 2 === 0 ? b : a).id, limits);
    while (!isOver() && differ(scenario, nearer, b)) {
      const questions = whatItTurnsOn(scenario, nearer, b);
      found.push(await smallestOf(scenario, { a, nearer, b, questions }, limits));
      nearer = answering(nearer, b, questions);
    }
  }
  const inOrder = found.toSorted((one, other) => sizeOf(one.scenario) - sizeOf(other.scenario));
  return { found: inOrder, unmet: answersOf(nearer, b), scenarios: index };
}

/** In every fourth one devices fail, if that is not against what was asked for. */
function drawn(
  index: number,
  release: string,
  { seed, options, base, stepCount }: SearchLimits,
): Scenario {
  const isAny = options === ANY_OPTIONS && base === ANY_BASE;
  if (!isAny || index % 4 > 0)
    return scenarioAt(seed, index, { options, base, stepCount, release });
  const [ext4 = '', xfs = ''] = [writeback.base, ...(writeback.alsoOn ?? [])];
  const on = index % 8 === 0 ? ext4 : xfs;
  return writeback.scenarioAt(seed, index, { options: DEFAULT_OPTIONS, base: on, stepCount });
}

function differ(scenario: Scenario, a: Semantics, b: Semantics): boolean {
  return predictBoth(scenario, a, b).differences.length > 0;
}

/** Questions that have to be answered alike before nothing differs, and none of them in vain. */
function whatItTurnsOn(scenario: Scenario, a: Semantics, b: Semantics): readonly Question[] {
  const open = answersOf(a, b).map(({ question }) => question);
  const alone = open.find((question) => !differ(scenario, answering(a, b, [question]), b));
  if (alone !== undefined) return [alone];
  let needed = open;
  for (const question of open) {
    const fewer = needed.filter((other) => other !== question);
    if (!differ(scenario, answering(a, b, fewer), b)) needed = fewer;
  }
  // Where several things differ, the first is enough: the others are met when that is settled.
  return firstOf(scenario, { a, b, needed });
}

/** Of questions that all matter to a scenario, those that its first difference turns on. */
function firstOf(
  scenario: Scenario,
  {
    a,
    b,
    needed,
  }: { readonly a: Semantics; readonly b: Semantics; readonly needed: readonly Question[] },
): readonly Question[] {
  const single = needed.find((question) => differ(scenario, answering(b, a, [question]), b));
  return single === undefined ? needed : [single];
}

interface Sides {
  readonly a: Semantics;
  /** The first one, with what was met before answered as the second one does. */
  readonly nearer: Semantics;
  readonly b: Semantics;
  readonly questions: readonly Question[];
}

/** The second one with the first one's answer to these questions shows it alone, if it can. */
async function smallestOf(
  scenario: Scenario,
  { a, nearer, b, questions }: Sides,
  { shrinkEvaluationsMax }: SearchLimits,
): Promise<Counterexample> {
  const alone = answering(b, a, questions);
  const isAlone = differ(scenario, alone, b);
  const side = isAlone ? alone : nearer;
  const shows = (candidate: Scenario): Promise<boolean> =>
    Promise.resolve(
      differ(candidate, side, b) &&
        (isAlone || !differ(candidate, answering(nearer, b, questions), b)),
    );
  const limits = { evaluationsMax: shrinkEvaluationsMax, inFlight: 1 };
  const shrunk = await shrink(scenario, shows, limits, [...PASSES, WITHOUT_OPTION]);
  const turnsOn = answersOf(a, b).filter(({ question }) => questions.includes(question));
  return { scenario: shrunk.scenario, turnsOn, ...predictBoth(shrunk.scenario, side, b) };
}

/** Steps count most, then what the layers hold. */
function sizeOf({ steps, layers }: Scenario): number {
  return steps.length * 1000 + layers.reduce((sum, { entries }) => sum + 1 + entries.length, 0);
}
