import { expect, test } from 'vitest';
import { hasPair, pairsOf, pairwiseRows } from './option-pairs.ts';
import type { Row } from './option-pairs.ts';

const OPTIONS: readonly Row[] = [
  ['a0', 'a1', 'a2'],
  ['b0', 'b1'],
  ['c0', 'c1', 'c2', 'c3'],
  ['d0', 'd1'],
  ['e0', 'e1', 'e2'],
];

function missing(rows: readonly Row[], isMeant: (row: Row) => boolean = () => true): number {
  return pairsOf(OPTIONS).filter((pair) => !rows.some((row) => hasPair(row, pair) && isMeant(row)))
    .length;
}

test('every pair of values comes together, in far fewer rows than there are combinations', () => {
  const rows = pairwiseRows(OPTIONS, () => true);
  expect(missing(rows)).toBe(0);
  // Two options alone have 12.
  expect(rows.length).toBeLessThanOrEqual(18);
  expect(pairwiseRows(OPTIONS, () => true)).toEqual(rows);
});

test('pairs that no allowed row has are left out, and all others are there', () => {
  // Neither a1 with b1, nor a2 without d1.
  const isAllowed = (row: Row): boolean =>
    !(row[0] === 'a1' && row[1] === 'b1') && (row[0] !== 'a2' || row[3] === 'd1');
  const rows = pairwiseRows(OPTIONS, isAllowed);
  expect(rows.filter((row) => !isAllowed(row))).toEqual([]);
  expect(missing(rows)).toBe(2);
});

test('what is given counts, as far as it is allowed', () => {
  const given = pairwiseRows(OPTIONS, () => true);
  expect(pairwiseRows(OPTIONS, () => true, given)).toEqual(given);
  const isAllowed = (row: Row): boolean => row[4] !== 'e2';
  const rows = pairwiseRows(OPTIONS, isAllowed, given);
  expect(rows.filter((row) => row[4] === 'e2')).toEqual([]);
  expect(rows).toEqual(expect.arrayContaining(given.filter(isAllowed)));
});
