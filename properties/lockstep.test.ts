import { expect, test } from 'vitest';
import { printStep } from '../model/print-step.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import { lockstep } from './lockstep.ts';
import { modelKernel } from './model-kernel.ts';

const RELEASE = '6.1';
const WISHES = { options: 'redirect_dir=on,index=on,metacopy=on', stepCount: 30, release: RELEASE };
const SAMPLE = Array.from({ length: 400 }, (_, index) => lockstep.scenarioAt(3, index, WISHES));

function share(isOne: (scenario: Scenario) => boolean): number {
  return SAMPLE.filter(isOne).length / SAMPLE.length;
}

test('some scenarios are looked at in the end only', () => {
  const isQuiet = ({ looks }: Scenario): boolean => looks !== undefined;
  // About half of those with idioms, and a fifth of the others.
  expect(share(isQuiet)).toBeCloseTo(0.4, 1);
  const traces = SAMPLE.filter(isQuiet).map((scenario) =>
    simulate(withEpilogue(scenario), profileOfRelease(RELEASE), USUAL_ENVIRONMENT),
  );
  // Of one that goes on to its end.
  const trace = traces.find(({ length }) => length === 33) ?? [];
  const looked = trace.flatMap(({ merged }, index) => (merged === null ? [] : [index]));
  expect(looked).toEqual([30, 31, 32]);
});

test('some mounts in between have other options, and go on with them', () => {
  const mounts = SAMPLE.flatMap(({ steps }) => steps.filter(({ op }) => op === 'mountWith'));
  expect(mounts.length).toBeGreaterThan(SAMPLE.length / 8);
  const options = new Set(mounts.map(printStep));
  expect(options.size).toBeGreaterThan(10);
});

test('some names begin one another, and redirects follow them', () => {
  const entries = (scenario: Scenario) => scenario.layers.flatMap((layer) => layer.entries);
  const isNamed = (scenario: Scenario): boolean =>
    entries(scenario).some(({ path }) => path.split('/').some((name) => !/^[abc.]$/.test(name)));
  expect(share(isNamed)).toBeCloseTo(0.11, 1);
});

test('a kernel that is the model agrees with all of it', async () => {
  const kernel = modelKernel(RELEASE);
  for (const scenario of SAMPLE.slice(0, 60)) {
    const { differences } = await lockstep.check(scenario, kernel);
    expect(differences).toEqual([]);
  }
});
