import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

test('each span has the steps of its seconds, and pauses are spans without any', () => {
  const pace = new Pace();
  pace.add(0.2, 30);
  pace.add(0.9, 30);
  pace.add(3.5, 7);
  expect(pace.record()).toEqual({ everySeconds: 1, steps: [60, 0, 0, 7] });
});

test('a campaign of a day takes no more room than one of a minute, and loses no step', () => {
  let pace = new Pace();
  for (let second = 0; second < 86_400; second += 10) {
    pace.add(second, 5);
    if (second % 7200 === 0) pace = new Pace(pace.record());
  }
  const { everySeconds, steps } = pace.record();
  expect(everySeconds).toBe(512);
  expect(steps.length).toBeLessThanOrEqual(240);
  expect(steps.reduce((sum, count) => sum + count, 0)).toBe(8640 * 5);
});
