import { expect, test } from 'vitest';
import type { Scenario } from '../model/scenario.ts';
import { DEFAULT_OPTIONS, scenarioAt } from './scenarios.ts';
import { shrink } from './shrink.ts';

const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };
const LIMITS = { evaluationsMax: 20_000, inFlight: 4 };

/** Stands for a difference: a rename that comes somewhere after a chmod, over a lower directory. */
function showsIt({ steps, layers }: Scenario): boolean {
  const chmod = steps.findIndex(({ op }) => op === 'chmod');
  const rename = steps.findLastIndex(({ op }) => op === 'rename');
  const hasDir = layers.some(
    ({ role, entries }) => role === 'lower' && entries.some(({ type }) => type === 'dir'),
  );
  return hasDir && chmod >= 0 && rename > chmod;
}

// Any string will do: vitest types it as anything.
const NAME = expect.stringMatching(/^[.abc]$/) as string;
const DIFFERING = Array.from({ length: 400 }, (_, index) => scenarioAt(3, index, WISHES)).filter(
  showsIt,
);

test('what is left is what the difference needs, whatever it was found in', async () => {
  expect(DIFFERING.length).toBeGreaterThan(10);
  for (const scenario of DIFFERING.slice(0, 20)) {
    const shrunk = await shrink(
      scenario,
      (candidate) => Promise.resolve(showsIt(candidate)),
      LIMITS,
    );
    expect(shrunk.isMinimal).toBe(true);
    expect(shrunk.scenario).toEqual({
      base: 'tmpfs',
      options: DEFAULT_OPTIONS,
      layers: [
        { role: 'upper', entries: [] },
        { role: 'lower', entries: [{ path: NAME, type: 'dir' }] },
      ],
      steps: [
        { op: 'chmod', args: { path: NAME, mode: 0o755 } },
        { op: 'rename', args: { from: NAME, to: NAME, flags: [] } },
      ],
    });
  }
});

test('layers end up on one file system when that shows the difference as well', async () => {
  const [, drawn] = DIFFERING;
  const layers = drawn!.layers.map((layer, at) => (at === 0 ? layer : { ...layer, on: 2 }));
  const spread: Scenario = { ...drawn!, otherBases: ['tmpfs', 'tmpfs', 'tmpfs'], layers };
  const shows = (candidate: Scenario): Promise<boolean> => Promise.resolve(showsIt(candidate));
  const { scenario } = await shrink(spread, shows, LIMITS);
  expect(scenario.otherBases).toBeUndefined();
  expect(scenario.layers.every(({ on }) => on === undefined)).toBe(true);
});

test('a file system is the usual one where that shows the difference as well', async () => {
  const [, drawn] = DIFFERING;
  const layers = drawn!.layers.map((layer, at) => (at === 0 ? layer : { ...layer, on: 1 }));
  const spread: Scenario = { ...drawn!, base: 'ext4', otherBases: ['squashfs'], layers };
  const needs = (shows: (candidate: Scenario) => boolean): Promise<Scenario> => {
    const both = (candidate: Scenario): boolean => showsIt(candidate) && shows(candidate);
    return shrink(spread, (each) => Promise.resolve(both(each)), LIMITS).then(
      ({ scenario }) => scenario,
    );
  };
  expect(await needs(() => true)).toMatchObject({ base: 'tmpfs' });
  expect(await needs(({ base }) => base === 'ext4')).toMatchObject({ base: 'ext4' });
  const isApart = ({ layers: each }: Scenario): boolean => each.some(({ on = 0 }) => on > 0);
  expect(await needs(isApart)).toMatchObject({ base: 'tmpfs', otherBases: ['tmpfs'] });
});

test('the answer does not depend on how many candidates are tried at a time', async () => {
  const scenario = DIFFERING[0]!;
  const slowly = async (candidate: Scenario): Promise<boolean> => {
    for (let turn = candidate.steps.length % 3; turn >= 0; turn--) await Promise.resolve();
    return showsIt(candidate);
  };
  const one = await shrink(scenario, slowly, { ...LIMITS, inFlight: 1 });
  const many = await shrink(scenario, slowly, { ...LIMITS, inFlight: 9 });
  expect(many.scenario).toEqual(one.scenario);
});

test('a limit ends the search, and the answer says so', async () => {
  const scenario = DIFFERING.toSorted((a, b) => b.steps.length - a.steps.length)[0]!;
  const shows = (candidate: Scenario): Promise<boolean> => Promise.resolve(showsIt(candidate));
  const shrunk = await shrink(scenario, shows, { evaluationsMax: 5, inFlight: 4 });
  expect(shrunk).toMatchObject({ evaluations: 5, isMinimal: false });
  expect(showsIt(shrunk.scenario)).toBe(true);
});

test('trouble while a candidate runs ends the search as trouble', async () => {
  const shows = (): Promise<boolean> => Promise.reject(new Error('lost the machine'));
  await expect(shrink(DIFFERING[0]!, shows, LIMITS)).rejects.toThrow('lost the machine');
});
