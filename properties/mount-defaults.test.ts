import { expect, test } from 'vitest';
import type { Kernel } from '../harness/kernel.ts';
import { mountDefaults } from './mount-defaults.ts';
import { modelKernel } from './model-kernel.ts';
import { DEFAULTS, defaultAt } from './option-defaults.ts';
import { shrink } from './shrink.ts';

/** Not a divisor of any number of choices, so that every choice is met. */
const STRIDE = 997;
const SOME = Array.from({ length: Math.floor(DEFAULTS / STRIDE) }, (_, turn) => turn * STRIDE);

test('each mount says what every parameter is', () => {
  const builds = SOME.map((index) => JSON.stringify(defaultAt(index).parameters));
  expect(new Set(builds).size).toBe(64);
  expect(() => defaultAt(DEFAULTS)).toThrow(RangeError);
});

/** The model, but for parameters that have no effect. */
function deafKernel(on: string): Kernel {
  const model = modelKernel(on);
  return {
    ...model,
    mountEach: (scenarios) =>
      model.mountEach(scenarios.map(({ parameters: _, ...scenario }) => scenario)),
  };
}

test('a kernel that does not mind its parameters differs, and that shrinks to one', async () => {
  const deaf = deafKernel('6.12');
  const checked = await mountDefaults.list?.check(SOME.map(defaultAt), deaf);
  const index = checked?.findIndex(({ differences }) => differences.length > 0) ?? -1;
  expect(index).toBeGreaterThan(0);
  const found = defaultAt(SOME[index] ?? 0);
  const shows = async (candidate: typeof found): Promise<boolean> =>
    (await mountDefaults.check(candidate, deaf)).differences.length > 0;
  const limits = { evaluationsMax: 200, inFlight: 1 };
  const { scenario } = await shrink(found, shows, limits, mountDefaults.passes);
  expect(scenario.options).toBe('');
  expect(Object.keys(scenario.parameters ?? {})).toHaveLength(1);
});
