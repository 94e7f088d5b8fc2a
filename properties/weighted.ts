import fc from 'fast-check';

/** One of some values, by weight. */
export function weighted<T>(
  choices: readonly (readonly [weight: number, value: T])[],
): fc.Arbitrary<T> {
  return fc.constantFrom(...choices.flatMap(([weight, value]) => Array<T>(weight).fill(value)));
}
