import fc from 'fast-check';

/** What fast-check asks of a source of random numbers. */
interface Source {
  next(): number;
  clone(): Source;
  getState(): readonly number[];
}

/** Rounds after seeding, so that neighbouring indexes have nothing in common. */
const WARM_UP = 12;

/**
 * The random numbers of scenario `index` under `seed`: from these two alone, so that a shard or a
 * resumed campaign makes any scenario without those before it. The generator is Chris
 * Doty-Humphrey's sfc32: four words of state, and fast in 32-bit arithmetic.
 */
export function randomAt(seed: number, index: number): fc.Random {
  const source = sfc32(seed | 0, Math.floor(seed / 2 ** 32) | 0, index | 0, 1);
  for (let round = 0; round < WARM_UP; round++) source.next();
  return new fc.Random(source);
}

function sfc32(a: number, b: number, c: number, counter: number): Source {
  return {
    next() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + sum) | 0;
      return sum;
    },
    clone: () => sfc32(a, b, c, counter),
    getState: () => [a, b, c, counter],
  };
}
