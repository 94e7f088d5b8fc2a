import { expect, test } from 'vitest';
import type { Explanation } from '../model/explanation.ts';
import type { Difference } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import { explain } from './explain.ts';
import type { ExplainLimits } from './explain.ts';

const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ],
  options: 'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  steps: [{ op: 'chmod', args: { path: 'a', mode: 0o755 } }],
};
const DIFFERENCE: Difference = {
  ...{ step: 1, at: 'base u/a st_blocks', field: 'base st_blocks', predicted: '0', observed: '8' },
};
const LIMITS: ExplainLimits = { probesMax: 1000, inFlight: 4, isOver: () => false };

/** What is said of a kernel on which scenarios of one kind differ. */
function explained(
  differs: (scenario: Scenario) => boolean,
  limits: Partial<ExplainLimits> = {},
  base = 'tmpfs',
): Promise<Explanation> {
  const differencesOf = (candidate: Scenario): Promise<readonly Difference[]> => {
    const step = candidate.steps.findIndex(({ op }) => op === 'chmod') + 1;
    return Promise.resolve(differs(candidate) ? [{ ...DIFFERENCE, step }] : []);
  };
  const shrunk = { scenario: SCENARIO, differences: [DIFFERENCE] };
  const wishes = { base, release: '6.12.7' };
  return explain(shrunk, differencesOf, { ...LIMITS, ...limits }, wishes);
}

function modeOf({ steps }: Scenario): number {
  const chmod = steps.find(({ op }) => op === 'chmod');
  return chmod?.op === 'chmod' ? chmod.args.mode : 0;
}

test('an option without which nothing is seen is needed; the others are free', async () => {
  const { varied, needs } = await explained(({ options }) => options.includes('metacopy=on'));
  expect(needs).toBe('metacopy=on');
  const options = varied.filter(({ at }) => at === 'mount');
  expect(options.find(({ what }) => what === 'metacopy')).toMatchObject({
    ...{ shows: [], hides: ['off'] },
  });
  expect(options.find(({ what }) => what === 'index')).toMatchObject({
    ...{ shows: ['on'], hides: [] },
  });
  // Handles exclude what is needed, so that nobody can tell.
  expect(options.find(({ what }) => what === 'nfs_export')).toBeUndefined();
});

test('lower layers move to other file systems that were asked for, upper stays', async () => {
  const isOnPlain = ({ layers, otherBases = [] }: Scenario): boolean =>
    layers.every(({ role, on = 0 }) => otherBases[on - 1] !== 'erofs' || role === 'upper');
  const { varied } = await explained(isOnPlain, {}, 'tmpfs,squashfs,erofs');
  const lowers = varied.find(({ what }) => what === 'file system of lower layers');
  expect(lowers).toMatchObject({ at: '', shows: ['squashfs'], hides: ['erofs'] });
  const few = await explained(() => true);
  expect(few.varied.map(({ what }) => what)).not.toContain('file system of lower layers');
});

test('an argument that decides about it is told by the values that hide it', async () => {
  const { varied } = await explained((scenario) => (modeOf(scenario) & 0o7000) === 0);
  const mode = varied.find(({ at, what }) => at === 'step 1' && what === 'mode');
  expect(mode?.hides.length).toBeGreaterThan(0);
  expect(mode?.hides.every((value) => /^0[1-7]\d{3}$/.test(value))).toBe(true);
  expect(mode?.shows.every((value) => /^0[0-7]{1,3}$/.test(value))).toBe(true);
});

test('what does not matter by itself but does with the others is told apart', async () => {
  const { varied } = await explained(({ layers, steps }) => {
    const isRenamed = !layers.some(({ entries }) => entries.some(({ path }) => path === 'a'));
    return !isRenamed || steps.length === 1;
  });
  const alone = varied.filter(({ isAlone }) => isAlone);
  expect(alone.map(({ what }) => what)).toEqual(['state of caches']);
});

test('it ends at a limit, and says so', async () => {
  const cut = await explained(() => true, { probesMax: 20 });
  expect(cut).toMatchObject({ probes: 20, isComplete: false });
  expect(cut.varied.length).toBeGreaterThan(0);
  let answers = 0;
  const late = await explained(() => ++answers > 0, { isOver: () => answers > 8 });
  expect(late.isComplete).toBe(false);
  expect((await explained(() => true)).isComplete).toBe(true);
});
