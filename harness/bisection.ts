/** What was asked of an ordered list, and where neighbours answered differently. */
export interface Bisection<K> {
  /** In the order of the list; null for whom nothing could be asked. */
  readonly answers: readonly (readonly [K, string | null])[];
  /** Neighbours among those that answered; nobody between them did. */
  readonly changes: readonly (readonly [before: K, after: K])[];
}

/** So many are asked in any case, spread evenly: what comes and goes in between is not seen. */
const SPREAD = 8;

/**
 * Finds out where the answer changes along a list, by asking all of a short one, and of a long one
 * some, then whoever lies half way between two that answered differently.
 */
export async function findChanges<K>(
  list: readonly K[],
  ask: (one: K) => Promise<string | null>,
  { isComplete = false }: { readonly isComplete?: boolean } = {},
): Promise<Bisection<K>> {
  const answers = new Map<number, string | null>();
  const answerAt = async (index: number): Promise<void> => {
    const one = list[index];
    if (one !== undefined && !answers.has(index)) answers.set(index, await ask(one));
  };
  const last = list.length - 1;
  const count = isComplete ? list.length : Math.min(list.length, SPREAD);
  for (let turn = 0; turn < count; turn++) {
    await answerAt(count === 1 ? 0 : Math.round((turn * last) / (count - 1)));
  }
  for (;;) {
    const next = halfWay(answers);
    if (next === null) break;
    await answerAt(next);
  }
  const asked = [...answers].toSorted(([one], [other]) => one - other);
  const inOrder = asked.flatMap(([index, answer]) => {
    const one = list[index];
    return one === undefined ? [] : [[one, answer] as const];
  });
  return { answers: inOrder, changes: changesIn(inOrder) };
}

/** An index that nobody was asked at, between two neighbours whose answers differ. */
function halfWay(answers: ReadonlyMap<number, string | null>): number | null {
  const known = [...answers]
    .filter(([, answer]) => answer !== null)
    .toSorted(([one], [other]) => one - other);
  for (const [place, [to, after]] of known.entries()) {
    const [from, before] = known[place - 1] ?? [to, after];
    if (before === after) continue;
    const open = Array.from({ length: to - from - 1 }, (_, index) => from + 1 + index).filter(
      (index) => !answers.has(index),
    );
    const middle = open[Math.floor(open.length / 2)];
    if (middle !== undefined) return middle;
  }
  return null;
}

function changesIn<K>(answers: readonly (readonly [K, string | null])[]): readonly [K, K][] {
  const known = answers.filter(([, answer]) => answer !== null);
  return known.flatMap(([one, answer], index): readonly [K, K][] => {
    const before = known[index - 1];
    return before === undefined || before[1] === answer ? [] : [[before[0], one]];
  });
}
