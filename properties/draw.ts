import type fc from 'fast-check';

/** True once in a while. */
export function chance(random: fc.Random, percent: number): boolean {
  return random.nextInt(0, 99) < percent;
}

export function pick<T>(random: fc.Random, values: readonly T[]): T {
  const value = values[random.nextInt(0, values.length - 1)];
  if (value === undefined) throw new RangeError('picked from nothing');
  return value;
}

/** So many of some values, or all there are, each once and in any order. */
export function some<T>(random: fc.Random, values: readonly T[], count: number): readonly T[] {
  const left = [...values];
  const drawn: T[] = [];
  while (drawn.length < count && left.length > 0) {
    drawn.push(...left.splice(random.nextInt(0, left.length - 1), 1));
  }
  return drawn;
}

/** What an arbitrary of fast-check gives, without bias towards small values. */
export function draw<T>(random: fc.Random, arbitrary: fc.Arbitrary<T>): T {
  return arbitrary.generate(random, undefined).value;
}

/** Values with uneven weights, drawn by one random number. */
export interface Wheel<T> {
  readonly values: readonly T[];
  /** The sum of the weights up to and including each value. */
  readonly upTo: readonly number[];
  readonly total: number;
}

export function wheel<T>(weights: Iterable<readonly [value: T, weight: number]>): Wheel<T> {
  const values: T[] = [];
  const upTo: number[] = [];
  let total = 0;
  for (const [value, weight] of weights) {
    if (weight <= 0) continue;
    total += weight;
    values.push(value);
    upTo.push(total);
  }
  return { values, upTo, total };
}

export function spin<T>(random: fc.Random, { values, upTo, total }: Wheel<T>): T {
  const at = random.nextInt(0, total - 1);
  const value = values[upTo.findIndex((sum) => at < sum)];
  if (value === undefined) throw new RangeError('spun an empty wheel');
  return value;
}
