/** Finer than this nobody can see; twice as many spans are kept before pairs are put together. */
const SPANS_MAX = 240;

/** Steps in each span of so many seconds, from the beginning on. */
export interface PaceRecord {
  readonly everySeconds: number;
  readonly steps: readonly number[];
}

/** How fast a campaign was, over all of its time, in bounded space. */
export class Pace {
  #everySeconds: number;
  #steps: number[];

  constructor({ everySeconds, steps }: PaceRecord = { everySeconds: 1, steps: [] }) {
    this.#everySeconds = everySeconds;
    this.#steps = [...steps];
  }

  add(seconds: number, steps: number): void {
    while (seconds >= SPANS_MAX * this.#everySeconds) this.#halve();
    const span = Math.floor(seconds / this.#everySeconds);
    while (this.#steps.length <= span) this.#steps.push(0);
    this.#steps[span] = (this.#steps[span] ?? 0) + steps;
  }

  record(): PaceRecord {
    return { everySeconds: this.#everySeconds, steps: [...this.#steps] };
  }

  #halve(): void {
    this.#everySeconds *= 2;
    const pairs = Math.ceil(this.#steps.length / 2);
    this.#steps = Array.from(
      { length: pairs },
      (_, at) => (this.#steps[2 * at] ?? 0) + (this.#steps[2 * at + 1] ?? 0),
    );
  }
}

/** Campaigns side by side, as if they had begun at once. */
export function mergePaces(records: readonly PaceRecord[]): PaceRecord {
  const everySeconds = Math.max(1, ...records.map((record) => record.everySeconds));
  const all = new Pace({ everySeconds, steps: [] });
  for (const record of records) {
    for (const [span, count] of record.steps.entries()) {
      all.add(span * record.everySeconds, count);
    }
  }
  return all.record();
}
