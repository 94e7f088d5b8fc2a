import { expect, test } from 'vitest';
import { findChanges } from './bisection.ts';

function listTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** Asks a list whose answers are known, and counts how often. */
async function bisect(
  count: number,
  answerOf: (one: number) => string | null,
  how?: { readonly isComplete: boolean },
) {
  const asked: number[] = [];
  const found = await findChanges(
    listTo(count),
    (one) => {
      asked.push(one);
      return Promise.resolve(answerOf(one));
    },
    how,
  );
  return { ...found, asked };
}

test('all of a short list are asked', async () => {
  const { answers, changes } = await bisect(5, (one) => (one === 2 || one === 3 ? 'new' : 'old'));
  expect(answers.map(([, answer]) => answer)).toEqual(['old', 'old', 'new', 'new', 'old']);
  expect(changes).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test.each([1, 17, 500, 998])(
  'a change before %i of a long list is found by few questions',
  async (at) => {
    const { changes, asked } = await bisect(999, (one) => (one < at ? 'old' : 'new'));
    expect(changes).toEqual([[at - 1, at]]);
    expect(asked.length).toBeLessThan(20);
    expect(new Set(asked).size).toBe(asked.length);
  },
);

test('who cannot be asked is passed over', async () => {
  const { changes, answers } = await bisect(40, (one) => {
    if (one % 3 === 1 || one === 20) return null;
    return one < 20 ? 'old' : 'new';
  });
  expect(changes).toEqual([[18, 21]]);
  expect(answers).toContainEqual([20, null]);
});

test('nothing changes where nothing does, and a list may be empty or one', async () => {
  expect((await bisect(100, () => 'old')).changes).toEqual([]);
  expect((await bisect(0, () => 'old')).answers).toEqual([]);
  expect((await bisect(1, () => null)).answers).toEqual([[0, null]]);
});

test('what comes and goes is found when all are asked', async () => {
  const { changes } = await bisect(50, (one) => (one === 33 ? 'new' : 'old'), { isComplete: true });
  expect(changes).toEqual([
    [32, 33],
    [33, 34],
  ]);
});
