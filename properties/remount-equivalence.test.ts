import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import { newDentry } from '../model/overlay/namei.ts';
import { quote } from '../model/print.ts';
import type { Entry, Scenario } from '../model/scenario.ts';
import { kernelWithUnlink, UNLINK_OF_LOWER } from './broken-unlink.ts';
import { METACOPY } from './marks.ts';
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

test('lets two names that were given to one metacopy lead to different data', async () => {
  const upper: Entry[] = [
    { path: 'b', type: 'file', size: 1, xattrs: { [METACOPY]: '' } },
    { path: 'a', type: 'link', to: 'b' },
  ];
  const lower: Entry[] = [
    { path: 'a', type: 'file', pieces: [{ at: 0, text: 'x' }] },
    { path: 'b', type: 'file', pieces: [{ at: 0, text: 'y' }] },
  ];
  const scenario: Scenario = {
    base: 'tmpfs',
    options: 'metacopy=on',
    layers: [
      { role: 'upper', entries: upper },
      { role: 'lower', entries: lower },
    ],
    // The redirect that this sets is b's as well, which shows once its data are looked up anew.
    steps: [{ op: 'rename', args: { from: 'a', to: 'c', flags: [] } }],
  };
  const kernel = modelKernel(RELEASE, OPS);
  const { differences, observed } = await remountEquivalence.check(scenario, kernel);
  const shown = observed.flatMap(({ merged }) => {
    const seen = merged?.get('b');
    return seen?.kind === 'node' ? [quote(seen.content)] : [];
  });
  expect(new Set(shown)).toEqual(new Set(['"y"', '"x"']));
  expect(differences).toEqual([]);
});

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
