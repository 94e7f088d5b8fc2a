import { expect, test } from 'vitest';
import { UNLINK_OF_LOWER, kernelWithUnlink } from './broken-unlink.ts';
import { differencesFrom, groupsOf } from './agreement.ts';
import type { Witness } from './agreement.ts';
import { modelKernel } from './model-kernel.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Kernel } from '../harness/kernel.ts';
import type { Scenario } from '../model/scenario.ts';

/** An empty access control list: it removes the list since 6.2, and was invalid before. */
const EMPTY_ACL: Scenario = {
  ...UNLINK_OF_LOWER,
  steps: [
    {
      op: 'setxattr',
      args: { path: 'a', name: 'system.posix_acl_access', value: '', flags: [] },
    },
  ],
};

async function witnessOf(kernel: Kernel, scenario: Scenario): Promise<Witness> {
  return { kernel, observed: await kernel.run(scenario) };
}

test('kernels that answer alike are one group, whatever else they differ in', async () => {
  const releases = ['5.10', '6.1', '6.12', '6.18', '7.3'];
  const witnesses = await Promise.all(
    releases.map((release) => witnessOf(modelKernel(release), EMPTY_ACL)),
  );
  const groups = groupsOf(EMPTY_ACL, witnesses);
  expect(groups.map((group) => group.map(({ kernel }) => kernel.release))).toEqual([
    ['5.10', '6.1'],
    ['6.12', '6.18', '7.3'],
  ]);
});

test('a kernel with a bug is in a group of its own, and differs from its model', async () => {
  const broken = kernelWithUnlink('6.12', ({ world }) => {
    world.overlay.upper?.entries.delete('a');
  });
  const witnesses = [
    await witnessOf(modelKernel('6.12'), UNLINK_OF_LOWER),
    await witnessOf(broken, UNLINK_OF_LOWER),
  ] as const;
  const semantics = profileOfRelease('6.12');
  const differing = witnesses.map((each) => differencesFrom(semantics, UNLINK_OF_LOWER, each));
  expect(differing[0]).toEqual([]);
  expect(differing[1]).toContainEqual(expect.objectContaining({ step: 1, at: 'base u/a' }));
  expect(groupsOf(UNLINK_OF_LOWER, witnesses)).toEqual(witnesses.map((each) => [each]));
});
