import { expect, test } from 'vitest';
import type { Kernel } from '../harness/kernel.ts';
import { modelKernel } from './model-kernel.ts';
import { mountOptions } from './mount-options.ts';
import type { Scenario } from '../model/scenario.ts';
import { MOUNTS, mountAt } from './option-product.ts';
import { shrink } from './shrink.ts';

/** Not a divisor of any number of choices, so that every choice is met. */
const STRIDE = 101;
const SOME = Array.from({ length: Math.floor(MOUNTS / STRIDE) }, (_, turn) => turn * STRIDE);

test('every mount of the product is another one', () => {
  const mounts = Array.from({ length: MOUNTS }, (_, index) => {
    const { layers, options } = mountAt(index);
    return `${layers.map(({ role }) => role).join()} ${options}`;
  });
  expect(new Set(mounts).size).toBe(MOUNTS);
  expect(() => mountAt(MOUNTS)).toThrow(RangeError);
});

test.each(['5.10', '6.1', '6.12', '6.18', '7.3'])(
  'a kernel that is the model of %s agrees',
  async (on) => {
    const checked = await mountOptions.list?.check(SOME.map(mountAt), modelKernel(on));
    expect(checked).toHaveLength(SOME.length);
    expect(checked?.flatMap(({ differences }) => differences)).toEqual([]);
  },
);

test('a kernel that lets two options through, or shows another, differs', async () => {
  const model = modelKernel('6.18');
  const wrong: Kernel = {
    ...model,
    mountEach: (scenarios) =>
      model.mountEach(
        scenarios.map((scenario) => ({
          ...scenario,
          options: scenario.options.replace('nfs_export=on', 'nfs_export=off'),
        })),
      ),
  };
  const scenario = { ...mountAt(0), options: 'nfs_export=on,metacopy=on' };
  const { differences } = await mountOptions.check(scenario, wrong);
  expect(differences).toMatchObject([{ field: 'result errno', predicted: 'EINVAL' }]);
  const shown = await mountOptions.check({ ...scenario, options: 'nfs_export=on' }, wrong);
  expect(shown.differences).toMatchObject([{ field: 'result options index nfs_export' }]);
});

test('what differs shrinks to the options that it takes', async () => {
  const model = modelKernel('6.18');
  const old: Kernel = { ...modelKernel('6.12'), release: model.release };
  const options = 'index=on,metacopy=off,xino=on,uuid=off,verity=on,volatile';
  const shows = async (candidate: Scenario): Promise<boolean> =>
    (await mountOptions.check(candidate, old)).differences.length > 0;
  const limits = { evaluationsMax: 100, inFlight: 1 };
  const shrunk = await shrink({ ...mountAt(0), options }, shows, limits, mountOptions.passes);
  expect(shrunk).toMatchObject({
    isMinimal: true,
    scenario: { options: 'verity=on' },
  });
});
