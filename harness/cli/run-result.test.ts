import { afterAll, beforeAll, expect, test } from 'vitest';
import { withBugs } from '../../properties/planted-bugs.ts';
import { ALPHABET, SMALL_WORLDS } from '../../properties/small-worlds.ts';
import type { Scenario } from '../../model/scenario.ts';
import { Tally } from '../campaign-tally.ts';
import type { FindingRecord } from '../report/document.ts';
import { makeScratchFolder } from '../scratch.ts';
import type { ScratchFolder } from '../scratch.ts';
import { playCampaign } from './played-campaign.ts';
import { countsText } from './run-result.ts';

const FINDING: FindingRecord = {
  ...{ file: 'reports/finding-1.json', kind: 'difference', cause: 'unlink base u', index: 3 },
  ...{ steps: 1, rule: 'whiteout/unlink-lower', kernel: '6.12.117', text: '' },
  reproduced: { times: 5, of: 5 },
};

let scratch: ScratchFolder;

beforeAll(async () => {
  scratch = await makeScratchFolder();
});

afterAll(() => scratch[Symbol.asyncDispose]());

const OF_NAMES = ALPHABET.filter(({ op }) => op === 'unlink' || op === 'rename' || op === 'link');
/** A prime: scenarios next to each other have little in common. */
const STRIDE = 7919;

/** Two steps in a small world, of which the second may meet a bug. */
function smallScenario(index: number): Scenario {
  const at = index * STRIDE;
  const world = SMALL_WORLDS[at % SMALL_WORLDS.length];
  const before = ALPHABET[Math.floor(at / SMALL_WORLDS.length) % ALPHABET.length];
  const last = OF_NAMES[index % OF_NAMES.length];
  if (world === undefined || before === undefined || last === undefined) throw new RangeError();
  return { ...world, steps: [before, last] };
}

test('five hundred failures of three bugs are three findings, in three lines', async () => {
  let shrunk = 0;
  const { record, result, text } = await playCampaign({
    ...{ dir: scratch.path, scenarios: 930, explainProbesMax: 0 },
    ops: withBugs('unlink-forgets-whiteout', 'rename-forgets-whiteout', 'link-keeps-nlink'),
    around: (subject) => ({
      ...{ ...subject, scenarioAt: smallScenario },
      shrink(...given) {
        shrunk++;
        return subject.shrink(...given);
      },
    }),
  });
  const counts = Object.entries(record.tally.causes).toSorted(([, a], [, b]) => b - a);
  const differences = counts.reduce((sum, [, count]) => sum + count, 0);
  expect(differences).toBeGreaterThan(500);
  expect(result.kernels).toMatchObject([{ scenarios: 930, differences }]);
  const { findings } = result;
  expect(findings.map(({ cause, steps }) => [cause.split(' ', 1)[0], steps]).toSorted()).toEqual([
    ...[
      ['link', 1],
      ['rename', 1],
      ['unlink', 1],
    ],
  ]);
  // What all cases of the rename have in common takes some more of them to be seen.
  expect(shrunk).toBeLessThanOrEqual(6);
  expect(text.match(/^DIFFERENCE: .*/gm)).toEqual(
    findings.map(({ cause }) => `DIFFERENCE: ${cause}`),
  );
  const fileOf = (of: string) => findings.find(({ cause }) => cause === of)?.file ?? '';
  expect(text.split('\n').filter((line) => /^ +\d+ x {2}/.test(line))).toEqual(
    counts.map(([cause, count]) => `${`${count} x`.padStart(7)}  ${cause}: ${fileOf(cause)}`),
  );
});

test('causes are counted across a resumed campaign, and so is each known disagreement', () => {
  const tally = new Tally({ index: 0, of: 1 });
  for (let count = 0; count < 500; count++) tally.seen('unlink base u');
  tally.seen('rename base u');
  tally.seenKnown('work-leftover-dir.json');
  const resumed = new Tally({ index: 0, of: 1 }, tally.record());
  resumed.seenKnown('work-leftover-dir.json');
  expect(resumed.known).toBe(2);
  expect(countsText(resumed, [FINDING])).toEqual([
    '',
    '  500 x  unlink base u: reports/finding-1.json',
    '    1 x  rename base u',
    '    2 x  known: work-leftover-dir.json',
  ]);
  expect(countsText(new Tally({ index: 0, of: 1 }), [])).toEqual([]);
});
