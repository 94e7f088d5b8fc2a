import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import { newDentry } from '../model/overlay/namei.ts';
import { kernelWithUnlink, UNLINK_OF_LOWER } from './broken-unlink.ts';
import { modelKernel } from './model-kernel.ts';
import { remountEquivalence } from './remount-equivalence.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

/** Before it, copy-up of what lost its name may replace what has the name now: no such law. */
const RELEASE = '6.12.117';
/** Known misbehaviour, which the model predicts: a mount forgets what protects its root. */
const FORGOTTEN = 'merged  flags';
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };

test.each(['tmpfs', 'tmpfs,tmpfs', 'any'])(
  'holds for a kernel that is the model, on %s',
  async (base) => {
    const kernel = modelKernel(RELEASE, OPS);
    for (let index = 0; index < 100; index++) {
      const scenario = remountEquivalence.scenarioAt(1, index, { ...WISHES, base });
      const { differences } = await remountEquivalence.check(scenario, kernel);
      const others = differences.filter(({ at }) => at !== FORGOTTEN);
      expect(others, `scenario ${index}`).toEqual([]);
    }
  },
);

test('finds a name that comes back, without a model', async () => {
  const kernel = kernelWithUnlink(RELEASE, ({ world }) => {
    // The whiteout never reaches the disk, and only the cache knows that the name is gone.
    const { upper, root } = world.overlay;
    upper?.entries.delete('a');
    root.children.set('a', newDentry(root, 'a', null));
  });
  const { differences, predicted } = await remountEquivalence.check(UNLINK_OF_LOWER, kernel);
  expect(predicted).toEqual([]);
  const [first] = differences;
  expect(first?.step).toBe(2);
  expect(first?.at).toMatch(/^merged a /);
});
