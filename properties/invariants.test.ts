import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import type { Context } from '../model/ops/op.ts';
import { kernelWithUnlink, UNLINK_OF_LOWER } from './broken-unlink.ts';
import { invariants } from './invariants.ts';
import { modelKernel } from './model-kernel.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

/** Before it, copy-up of what lost its name may replace what has the name now: see fixtures. */
const RELEASE = '7.3.4';

test.each([
  DEFAULT_OPTIONS,
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=on,index=on,metacopy=off,nfs_export=off,xino=on',
])('hold for the model, with %s', async (options) => {
  const kernel = modelKernel(RELEASE, OPS);
  for (let index = 0; index < 150; index++) {
    const scenario = invariants.scenarioAt(1, index, { options, stepCount: 30 });
    const { differences } = await invariants.check(scenario, kernel);
    expect(differences, `scenario ${index}`).toEqual([]);
  }
});

/** What an unlink of `a` does to layers that breaks a law. */
const BREAKS: Readonly<Record<string, (context: Context) => void>> = {
  'nothing changes a lower layer': ({ world }) => {
    const [lower] = world.points.lowers;
    if (lower !== undefined) lower.version++;
    if (lower !== undefined) lower.mode = 0o700;
  },
  'a whiteout hides something': ({ world }) => {
    const whiteout = world.points.upper.entries.get('a');
    if (whiteout !== undefined) world.points.upper.entries.set('b', whiteout);
    world.points.upper.version++;
  },
  'the work directory keeps nothing but one whiteout': ({ world }) => {
    const { upper, workdir } = world.points;
    workdir.entries.get('work')?.entries.set('c', upper);
  },
};

test.each(Object.entries(BREAKS))('sees that %s', async (says, break_) => {
  const kernel = kernelWithUnlink(RELEASE, break_);
  const { differences } = await invariants.check(UNLINK_OF_LOWER, kernel);
  expect(differences.map(({ predicted }) => predicted)).toContain(says);
  expect(differences[0]?.step).toBe(1);
});
