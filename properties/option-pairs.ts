/** One value of each option, in the order of the options. */
export type Row = readonly string[];

interface Pair {
  readonly at: readonly [number, number];
  readonly values: readonly [string, string];
}

/**
 * Few rows in which every pair of values of two options comes together, as far as some row that is
 * allowed has it: most faults hang on two options, and all combinations are too many. Greedy, and
 * the same for the same question; `given` are rows that there are anyway.
 */
export function pairwiseRows(
  options: readonly Row[],
  isAllowed: (row: Row) => boolean,
  given: readonly Row[] = [],
): readonly Row[] {
  const rows: Row[] = given.filter(isAllowed);
  const open = new Map(pairsOf(options).map((pair) => [keyOf(pair), pair] as const));
  const cover = (row: Row): void => {
    for (const pair of pairsIn(row)) open.delete(keyOf(pair));
  };
  for (const row of rows) cover(row);
  for (const [key, pair] of open) {
    const row = rowWith(pair, options, isAllowed);
    // Removing what a loop over a map has not come to yet is safe.
    open.delete(key);
    if (row === null) continue;
    const full = fill(row, pair, { options, isAllowed, open });
    cover(full);
    rows.push(full);
  }
  return rows;
}

/** Every pair of values of two options. */
export function pairsOf(options: readonly Row[]): readonly Pair[] {
  return options.flatMap((ones, first) =>
    options.slice(first + 1).flatMap((others, behind) =>
      ones.flatMap((one) =>
        others.map((other): Pair => {
          return { at: [first, first + 1 + behind], values: [one, other] };
        }),
      ),
    ),
  );
}

function pairsIn(row: Row): readonly Pair[] {
  return pairsOf(row.map((value) => [value]));
}

export function hasPair(row: Row, { at, values }: Pair): boolean {
  return row[at[0]] === values[0] && row[at[1]] === values[1];
}

function keyOf({ at, values }: Pair): string {
  return `${at.join(' ')} ${values.join(' ')}`;
}

/** A row with this pair that is allowed: the first values elsewhere, or one or two others. */
function rowWith(
  pair: Pair,
  options: readonly Row[],
  isAllowed: (row: Row) => boolean,
): Row | null {
  const plain = options.map((values) => values[0] ?? '');
  const start = plain.with(pair.at[0], pair.values[0]).with(pair.at[1], pair.values[1]);
  const near = changesOf(start, pair, options);
  const candidates = [start, ...near, ...near.flatMap((row) => changesOf(row, pair, options))];
  return candidates.find(isAllowed) ?? null;
}

/** Rows that differ in one value, but for those of the pair. */
function changesOf(row: Row, { at }: Pair, options: readonly Row[]): readonly Row[] {
  return options.flatMap((values, index) => {
    if (at.includes(index)) return [];
    return values.filter((value) => value !== row[index]).map((value) => row.with(index, value));
  });
}

interface Filling {
  readonly options: readonly Row[];
  readonly isAllowed: (row: Row) => boolean;
  readonly open: ReadonlyMap<string, Pair>;
}

/** The same row with the values elsewhere by which it has most pairs that are still open. */
function fill(row: Row, { at }: Pair, { options, isAllowed, open }: Filling): Row {
  const gainOf = (candidate: Row): number =>
    pairsIn(candidate).filter((pair) => open.has(keyOf(pair))).length;
  let best = row;
  for (const [index, values] of options.entries()) {
    if (at.includes(index)) continue;
    let gain = gainOf(best);
    for (const candidate of values.map((value) => best.with(index, value))) {
      const more = gainOf(candidate);
      if (more > gain && isAllowed(candidate)) [best, gain] = [candidate, more];
    }
  }
  return best;
}
