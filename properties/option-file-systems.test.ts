import { expect, test } from 'vitest';
import { parseScenario } from '../harness/scenario-file.ts';
import type { Scenario } from '../model/scenario.ts';
import { modelKernel } from './model-kernel.ts';
import { mountOptions } from './mount-options.ts';
import { mountUserns } from './mount-userns.ts';
import { predictedMount } from './predicted-mount.ts';
import type { Property } from './property.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';

const WISHES = { options: DEFAULT_OPTIONS, stepCount: 0 };
/** Not a divisor of any number of choices, so that every choice is met. */
const STRIDE = 997;

function someOf(property: Property): readonly Scenario[] {
  const count = Math.floor((property.list?.count ?? 0) / STRIDE);
  return Array.from({ length: count }, (_, turn) => property.scenarioAt(0, turn * STRIDE, WISHES));
}

function on(names: string): Property {
  return mountOptions.on?.(names) ?? mountOptions;
}

test('layers are on what was asked for, the upper one on the first', () => {
  const places = new Set(
    someOf(on('xfs,erofs')).map(({ base, otherBases, layers }) => {
      const all = [base, ...(otherBases ?? [])];
      return layers.map((layer) => `${layer.role} ${all[layer.on ?? 0] ?? ''}`).join();
    }),
  );
  expect(places).toEqual(new Set(['lower erofs,upper xfs', 'lower xfs,lower erofs']));
});

test.each([on('any'), mountUserns])(
  'mounts of $name are stored and predicted',
  async (property) => {
    const some = someOf(property);
    for (const scenario of some) {
      expect(parseScenario(JSON.stringify(scenario), 'mount')).toEqual(scenario);
    }
    const checked = await property.list?.check(some, modelKernel('6.18'));
    expect(checked?.flatMap(({ differences }) => differences)).toEqual([]);
  },
);

/** What a mount of one lower layer and an upper one shows. */
function shown(names: string, options: string, release = '6.18.44'): string {
  const [scenario] = someOf(on(names));
  if (scenario === undefined) throw new Error('no mount');
  const mounted = predictedMount(release, { ...scenario, options });
  return mounted.ok ? mounted.value.view.options.join() : mounted.anyOf.join();
}

test.each([
  // Several file systems make a difference to inode numbers.
  ['ext4', 'xino=on', 'uuid=on'],
  ['ext4,xfs', 'xino=on', 'uuid=on,xino=on'],
  // One without a uuid may be another one by the next mount.
  ['ext4,squashfs', 'index=on', 'index=on,uuid=on'],
  ['ext4,xfs', 'uuid=off', 'uuid=null'],
  // On tmpfs of 6.1 there is no place for user.* xattrs, on a disk there is.
  ['tmpfs', 'userxattr,xino=auto', 'userxattr', '6.1.1'],
  ['ext4,xfs', 'userxattr,xino=auto', 'xino=auto,userxattr', '6.1.1'],
])('on %s mounts "%s" as "%s"', (names, options, expected, release?: string) => {
  expect(shown(names, options, release)).toBe(expected);
});
