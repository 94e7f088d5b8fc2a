import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import {
  answersTo,
  keepOutcome,
  readOutcomes,
  scoreOf,
  scoreText,
  stepsThatMatter,
} from './mutant-score.ts';
import type { Outcome } from './mutant-score.ts';

const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
const MUTANT = {
  id: 'some-bug',
  title: '',
  class: 'copy-up',
  kernel: '6.1',
  file: 'dir.c',
  edits: [],
};

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

function outcome(seed: number, steps: number | null): Outcome {
  const found = steps !== null;
  return {
    ...{ id: 'some-bug', seed, key: 'k', stepsMax: 1000, seconds: 1, alarms: 0, found },
    ...{ steps: steps ?? 1000, scenarios: (steps ?? 1000) / 10, shrunkSteps: found ? 3 : null },
    ...{ property: found ? 'lockstep' : null, cause: found ? 'what differed' : null },
  };
}

test('what was kept is read again, but for a line that was cut off', () => {
  expect(readOutcomes(DIR)).toEqual([]);
  keepOutcome(DIR, outcome(1, 30));
  keepOutcome(DIR, outcome(2, null));
  appendFileSync(join(DIR, 'score.jsonl'), '{"id": "some-b');
  expect(readOutcomes(DIR)).toEqual([outcome(1, 30), outcome(2, null)]);
});

test('a hunt counts for its module, and for any limit that it would have ended within', () => {
  const outcomes = [outcome(1, 300), outcome(2, null)];
  const seeds = (key: string, stepsMax: number): readonly number[] =>
    answersTo(outcomes, key, stepsMax).map(({ seed }) => seed);
  expect(seeds('k', 1000)).toEqual([1, 2]);
  expect(seeds('k', 2000)).toEqual([1]);
  expect(seeds('k', 200)).toEqual([2]);
  expect(seeds('other', 1000)).toEqual([]);
});

test('found means by most seeds, and the median counts', () => {
  const three = [outcome(1, 500), outcome(2, null), outcome(3, 100)];
  expect(scoreOf(MUTANT, three)).toMatchObject({
    ...{ found: true, seeds: 3, seedsFound: 2, stepsUntilFound: 500, shrunkSteps: 3 },
    ...{ property: 'lockstep', equivalent: false },
  });
  expect(scoreOf(MUTANT, [outcome(1, 500), outcome(2, null)])).toMatchObject({
    ...{ found: false, seedsFound: 1, stepsUntilFound: null },
  });
  expect(scoreOf(MUTANT, []).found).toBe(false);
});

test('a hunt goes on for as long as it can change the median of all seeds', () => {
  const five = (...steps: (number | null)[]): number =>
    stepsThatMatter(
      steps.map((one, index) => outcome(index + 1, one)),
      5,
      1000,
    );
  expect(five()).toBe(1000);
  expect(five(300, 100)).toBe(1000);
  expect(five(300, 100, 200)).toBe(300);
  expect(five(300, 100, 200, 150)).toBe(200);
  expect(five(300, null, 100, null)).toBe(1000);
  expect(five(null, 300, null, null)).toBe(0);
});

test('a hunt that ended where it could change nothing more is an answer', () => {
  const short = { ...outcome(4, null), stepsMax: 300 };
  const outcomes = [outcome(1, 300), outcome(2, 100), outcome(3, 200), short];
  expect(answersTo(outcomes, 'k', 1000)).not.toContain(short);
  const enough = answersTo(outcomes, 'k', 1000, 300);
  expect(enough).toContain(short);
  expect(scoreOf(MUTANT, enough)).toMatchObject({ seeds: 4, seedsFound: 3, stepsUntilFound: 300 });
});

test('the table counts whom somebody could find, and names who survived', () => {
  const twin = { ...MUTANT, id: 'same-bug', equivalent: 'nobody can tell' };
  const lost = { ...MUTANT, id: 'lost-bug' };
  const text = scoreText([
    scoreOf(MUTANT, [outcome(1, 120)]),
    scoreOf(twin, [outcome(1, null)]),
    scoreOf(lost, [outcome(1, null)]),
    scoreOf({ ...MUTANT, id: 'next-bug' }, []),
  ]);
  expect(text).toMatch(/^next-bug .*not hunted$/m);
  expect(text).toMatch(/^some-bug +1\/1 +120 +12 +3 +lockstep$/m);
  expect(text).toMatch(/^same-bug .*equivalent$/m);
  expect(text).toContain('1 of 2 found (50 %), half of them within 120 steps');
  expect(text).toMatch(/^survivors: lost-bug$/m);
});
