import { expect, test } from 'vitest';
import { OPS } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { modelKernel } from './model-kernel.ts';
import { PLANTED_BUGS } from './planted-bugs.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { stepsToFind } from './shortest.ts';
import { twin } from './twin.ts';

/** Before it, copy-up of what lost its name may replace what has the name now: no such law. */
const RELEASE = '6.12.117';
const SEED = 1;

test.each([
  DEFAULT_OPTIONS,
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=on,index=on,metacopy=off,nfs_export=off,xino=on',
])('holds for a kernel that is the model, with %s', async (options) => {
  const kernel = modelKernel(RELEASE, OPS);
  for (let index = 0; index < 100; index++) {
    const scenario = withoutFlags(twin.scenarioAt(SEED, index, { options, stepCount: 30 }));
    const { differences } = await twin.check(scenario, kernel);
    expect(differences, `scenario ${index}`).toEqual([]);
  }
});

test.each([
  ['rename-forgets-whiteout', 1],
  ['write-keeps-mtime', 2],
  ['append-writes-at-start', 2],
  ['rmdir-removes-non-empty', 1],
  ['setxattr-ignores-create', 1],
] as const)('finds %s without a model', async (name, steps) => {
  const kernel = modelKernel(RELEASE, PLANTED_BUGS[name]?.ops);
  expect(await stepsToFind(twin, kernel, { options: DEFAULT_OPTIONS, enough: steps })).toBe(steps);
});

/** The plain file system is played by an overlay, to which flags of its layer are in the way. */
function withoutFlags(scenario: Scenario): Scenario {
  const layers = scenario.layers.map((layer) => {
    return { ...layer, entries: layer.entries.map((entry) => ({ ...entry, flags: [] })) };
  });
  return { ...scenario, layers };
}
