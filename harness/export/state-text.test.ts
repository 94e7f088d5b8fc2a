import { expect, test } from 'vitest';
import { Content } from '../../model/sparse.ts';
import { sumOf } from './state-text.ts';

// As cksum(1) prints them.
const GIB = 1_073_741_824;
const SUMS: readonly (readonly [of: string, content: Content, sum: number])[] = [
  ['nothing', Content.EMPTY, 4_294_967_295],
  ['a text', Content.of('hello'), 3_287_646_509],
  ['a file with holes', Content.from([{ at: 200_000, text: 'x' }], 300_000), 3_315_946_742],
  ['a hole of 1 GiB', Content.EMPTY.padEnd(GIB), 3_413_741_448],
];

test.each(SUMS)('the sum of %s is that of cksum(1)', (_, content, sum) => {
  expect(sumOf(content)).toBe(sum);
});
