import { OBJECT_ARGS, OPTION_CLASS_NAMES, statesOf } from '../model/object-states.ts';
import type { ObjectMet } from '../model/object-states.ts';
import type { ArgKind } from '../model/ops/op.ts';

/** How often an argument of a call named an object in some state: by call, options and state. */
export type ObjectRecord = Readonly<Record<string, Readonly<Record<string, ByState>>>>;
type ByState = Readonly<Record<string, number>>;

/** What was met, and what never was. */
export interface ObjectCoverage {
  readonly possible: number;
  readonly met: number;
  /** States that no call met under any options. */
  readonly statesNeverMet: readonly string[];
  /** Calls that were made, and the types of object they never met, which some cannot. */
  readonly typesNeverMet: readonly string[];
  /**
   * What was never met although the call met the type and the state was there, each so often that
   * by chance they would have come together: those that would have most often come first.
   */
  readonly missing: readonly Missing[];
}

export interface Missing extends ObjectMet {
  /** How often it would have come by chance. */
  readonly expected: number;
}

/** Counts what the steps of a campaign were about. */
export class ObjectTally {
  readonly #counts = new Map<string, Map<string, Map<string, number>>>();

  constructor(record: ObjectRecord = {}) {
    this.add(record);
  }

  add(record: ObjectRecord): void {
    for (const [use, byOptions] of Object.entries(record)) {
      for (const [options, byState] of Object.entries(byOptions)) {
        for (const [state, count] of Object.entries(byState)) {
          this.note({ use, options, state }, count);
        }
      }
    }
  }

  note({ use, options, state }: ObjectMet, times = 1): void {
    const byState = entry(this.#usesOf(use), options, () => new Map<string, number>());
    byState.set(state, (byState.get(state) ?? 0) + times);
  }

  #usesOf(use: string): Map<string, Map<string, number>> {
    return entry(this.#counts, use, () => new Map<string, Map<string, number>>());
  }

  record(): ObjectRecord {
    return Object.fromEntries(
      [...this.#counts].map(([use, byOptions]) => [
        use,
        Object.fromEntries(
          [...byOptions].map(([options, byState]) => [options, Object.fromEntries(byState)]),
        ),
      ]),
    );
  }
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

/** Calls by what their argument is: a path never names what is unlinked, an open file may. */
const USES: ReadonlyMap<ArgKind, readonly string[]> = (() => {
  const uses = new Map<ArgKind, string[]>();
  for (const [op, args] of OBJECT_ARGS) {
    for (const [name, kind] of args) entry(uses, kind, () => []).push(`${op} ${name}`);
  }
  return uses;
})();

export function objectCoverage(record: ObjectRecord): ObjectCoverage {
  const seen = new Set(Object.values(record).flatMap((byOptions) => Object.keys(byOptions)));
  const classes = OPTION_CLASS_NAMES.filter((options) => seen.has(options));
  const missing: Missing[] = [];
  const met = new Set<string>();
  const states = new Set<string>();
  const typesNeverMet = new Set<string>();
  let reached = 0;
  let possible = 0;
  for (const [kind, uses] of USES) {
    const total = totalsOf(record, uses);
    for (const state of statesOf(kind)) {
      states.add(state);
      const inAny = total.byState.get(state) ?? 0;
      if (inAny > 0) met.add(state);
      possible += uses.length * classes.length;
      const type = typeOf(state);
      for (const use of uses) {
        const made = total.byUse.get(use) ?? 0;
        if (made > 0 && !total.byUse.has(keyOf(use, type))) typesNeverMet.add(`${use}, ${type}`);
        const countIn = (options: string): number => record[use]?.[options]?.[state] ?? 0;
        const lacking = classes.filter((options) => countIn(options) === 0);
        reached += classes.length - lacking.length;
        // Said once where it is so under all options.
        const places = lacking.length === classes.length ? [ANY_OPTIONS] : lacking;
        for (const options of places) {
          const here = total.byState.get(keyOf(options, state)) ?? 0;
          missing.push({ use, state, options, expected: chanceOf(total, use, type, here) });
        }
      }
    }
  }
  return {
    ...{ possible, met: reached },
    statesNeverMet: [...states].filter((state) => !met.has(state)),
    typesNeverMet: [...typesNeverMet],
    missing: missing
      .filter(({ expected }) => expected >= EXPECTED_MIN)
      .sort((one, other) => other.expected - one.expected)
      .map((one) => ({ ...one, expected: Math.round(one.expected) })),
  };
}

const ANY_OPTIONS = 'any';

function keyOf(first: string, second: string): string {
  return first === ANY_OPTIONS ? second : `${first} ${second}`;
}

/** `dir`, `unlinked file`, or a state that is of no type. */
function typeOf(state: string): string {
  return state.split(':', 1)[0] ?? state;
}

/** What was not even expected once says nothing. */
const EXPECTED_MIN = 1;

interface Totals {
  readonly byType: ReadonlyMap<string, number>;
  /** By call, and by call and type. */
  readonly byUse: ReadonlyMap<string, number>;
  /** By state, and by options and state. */
  readonly byState: ReadonlyMap<string, number>;
}

function totalsOf(record: ObjectRecord, uses: readonly string[]): Totals {
  const byType = new Map<string, number>();
  const byUse = new Map<string, number>();
  const byState = new Map<string, number>();
  const add = (counts: Map<string, number>, key: string, count: number): void => {
    counts.set(key, (counts.get(key) ?? 0) + count);
  };
  for (const use of uses) {
    for (const [options, states] of Object.entries(record[use] ?? {})) {
      for (const [state, count] of Object.entries(states)) {
        const type = typeOf(state);
        add(byType, type, count);
        for (const key of [use, keyOf(use, type)]) add(byUse, key, count);
        for (const key of [state, keyOf(options, state)]) add(byState, key, count);
      }
    }
  }
  return { byType, byUse, byState };
}

/** As a call meets a type, and as that type is in the state: a call may not take all types. */
function chanceOf({ byType, byUse }: Totals, use: string, type: string, here: number): number {
  const ofType = byType.get(type) ?? 0;
  return ofType === 0 ? 0 : ((byUse.get(keyOf(use, type)) ?? 0) * here) / ofType;
}
