import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import { concretise } from './concretise.ts';
import { handleIno, makeHandle } from './handle.ts';
import { withEpilogue } from './scenario.ts';
import { KERNELS } from './semantics/kernels.ts';
import { resolveProfile } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';
import { DEFAULT_OPTIONS, scenarioAt } from '../properties/scenarios.ts';

test.each(KERNELS.map(({ id }) => id))('a kernel that does what %s does agrees with it', (id) => {
  const semantics = resolveProfile(id);
  for (let index = 0; index < 300; index++) {
    const options = index % 2 === 0 ? DEFAULT_OPTIONS : `${DEFAULT_OPTIONS},xino=on`;
    const wishes = { options, stepCount: 40, base: index % 3 === 0 ? 'any' : 'tmpfs' };
    const scenario = withEpilogue(scenarioAt(11, index, wishes));
    const predicted = simulate(scenario, semantics, USUAL_ENVIRONMENT);
    const differences = compare(predicted, concretise(predicted, scenario), scenario);
    expect(differences, `scenario ${index}`).toEqual([]);
  }
});

test('a handle is decoded to the inode number that it was made of', () => {
  for (const ino of [1, 255, 70_000, 2 ** 32 + 5]) expect(handleIno(makeHandle(ino))).toBe(ino);
});
