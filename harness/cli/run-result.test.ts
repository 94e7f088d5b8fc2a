import { expect, test } from 'vitest';
import { Tally } from '../campaign-tally.ts';
import type { FindingRecord } from '../report/document.ts';
import { countsText } from './run-result.ts';

const FINDING: FindingRecord = {
  ...{ file: 'reports/finding-1.json', kind: 'difference', cause: 'unlink base u', index: 3 },
  ...{ steps: 1, rule: 'whiteout/unlink-lower', kernel: '6.12.117', text: '' },
  reproduced: { times: 5, of: 5 },
};

test('five hundred failures of two causes are two lines, and what is known has its own', () => {
  const tally = new Tally({ index: 0, of: 1 });
  for (let count = 0; count < 500; count++) tally.seen('unlink base u');
  tally.seen('rename base u');
  tally.seenKnown('work-leftover-dir.json');
  // A campaign that goes on has them all.
  const resumed = new Tally({ index: 0, of: 1 }, tally.record());
  resumed.seenKnown('work-leftover-dir.json');
  expect(resumed.known).toBe(2);
  expect(countsText(resumed, [FINDING])).toEqual([
    '',
    '  500 x  unlink base u: reports/finding-1.json',
    '    1 x  rename base u: shrinks to another of these',
    '    2 x  known: work-leftover-dir.json',
  ]);
  expect(countsText(new Tally({ index: 0, of: 1 }), [])).toEqual([]);
});
