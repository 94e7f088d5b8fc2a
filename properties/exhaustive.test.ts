import { expect, test } from 'vitest';
import { distinctPrefixes, exhaustive } from './exhaustive.ts';
import { modelKernel } from './model-kernel.ts';
import { ALPHABET, SMALL_WORLDS } from './small-worlds.ts';
import type { Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';

const CHMOD: Step = { op: 'chmod', args: { path: 'a', mode: 0o700 } };
const UNLINK: Step = { op: 'unlink', args: { path: 'a' } };
const WISHES = { options: '', stepCount: 0 };
const WORLD: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ],
  options: '',
  steps: [],
};

test('of sequences that lead to one state only the first is gone on with', () => {
  const prefixes = distinctPrefixes(WORLD, { alphabet: [CHMOD, UNLINK], length: 3 });
  // A second chmod changes nothing, and what is gone cannot be changed; but a copy leaves a mark.
  expect(prefixes).toEqual([[], [CHMOD], [UNLINK], [CHMOD, UNLINK]]);
});

test('the first scenarios are of all worlds, and the model agrees with itself', async () => {
  const indexes = Array.from({ length: 120 }, (_, index) => index);
  const scenarios = indexes.map((index) => exhaustive.scenarioAt(0, index, WISHES));
  const worlds = new Set(scenarios.map(({ layers, options }) => JSON.stringify([layers, options])));
  expect(worlds.size).toBe(SMALL_WORLDS.length);
  const checked = await exhaustive.list?.check(scenarios, modelKernel('6.12'));
  expect(checked?.flatMap(({ differences }) => differences)).toEqual([]);
});

test('no scenario is listed twice', () => {
  const count = exhaustive.list?.count ?? 0;
  expect(count % ALPHABET.length).toBe(0);
  const some = Array.from({ length: 5000 }, (_, index) =>
    JSON.stringify(exhaustive.scenarioAt(0, Math.floor((index * count) / 5000), WISHES)),
  );
  expect(new Set(some).size).toBe(some.length);
  expect(() => exhaustive.scenarioAt(0, count, WISHES)).toThrow(RangeError);
});
