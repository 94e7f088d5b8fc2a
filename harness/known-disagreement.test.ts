import { expect, test } from 'vitest';
import type { Checked, Difference, ObservedStep, ObservedTrace } from '../model/observation.ts';
import type { StepPrediction } from '../model/observation.ts';
import { succeed } from '../model/prediction.ts';
import type { Scenario } from '../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { knownDisagreement } from './known-disagreement.ts';
import type { KnownDisagreement } from './known-disagreement.ts';

const SCENARIO: Scenario = {
  base: 'tmpfs',
  layers: [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: [{ path: 'a', type: 'file' }] },
  ],
  options: '',
  steps: [
    { op: 'chmod', args: { path: 'a', mode: 0o600 } },
    { op: 'dropCaches', args: {} },
  ],
};
const KERNEL = { release: '6.12.7', environment: USUAL_ENVIRONMENT };
const KNOWN: KnownDisagreement = {
  ...{ file: 'chmod.json', kernels: ['6.12'], reason: 'asked upstream', scenario: SCENARIO },
  ...{ property: 'lockstep', rule: 'copy-up/attribute-change' },
  differs: ['merged {path} st_mode', 'base w/work/{temp}'],
  differsLater: ['merged {path} st_uid'],
};
const PREDICTED: StepPrediction = {
  ...{ result: succeed(null), base: new Map(), merged: new Map() },
  rules: ['copy-up/attribute-change'],
};

function isKnown(
  property: string,
  step: number,
  places: readonly string[],
  { scenario = SCENARIO, observed = [] }: { scenario?: Scenario; observed?: ObservedTrace } = {},
): boolean {
  const differences = places.map((at): Difference => {
    return { step, at, field: 'merged st_mode', predicted: '1', observed: '2' };
  });
  const predicted = property === 'lockstep' ? [PREDICTED, PREDICTED] : [];
  const checked: Checked = { differences, predicted, observed };
  const seen = { property, scenario, kernel: KERNEL, checked };
  return knownDisagreement([{ ...KNOWN, property }], seen) !== undefined;
}

test('a known disagreement explains the places that it names and no others', () => {
  expect(isKnown('lockstep', 1, ['merged a/b st_mode', 'base w/work/#1f'])).toBe(true);
  expect(isKnown('lockstep', 1, ['merged a st_mode', 'merged a st_uid'])).toBe(false);
  expect(isKnown('lockstep', 1, ['base w/work/1f'])).toBe(false);
  expect(isKnown('lockstep', 1, ['base w/work/#1f/a'])).toBe(false);
  expect(isKnown('lockstep', 1, [])).toBe(false);
});

test('a step has to do with one path, and what is below it', () => {
  expect(isKnown('lockstep', 1, ['merged a st_mode', 'merged a/b st_mode'])).toBe(true);
  expect(isKnown('lockstep', 1, ['merged a st_mode', 'merged b st_mode'])).toBe(false);
});

test('names of one file are one object', () => {
  const places = ['merged a st_mode', 'merged b st_mode', 'base w/work/#1f'];
  const withNumbers = (a: number, b: number, nlink = 2): ObservedTrace => {
    const nodes = [a, b].map((ino) => ({ kind: 'node', dev: 'd', ino, nlink }));
    const merged = new Map(nodes.map((node, at) => ['ab'[at], node]));
    // Nothing else of them is looked at.
    const step = { merged } as unknown as ObservedStep;
    return [step, step];
  };
  expect(isKnown('lockstep', 1, places, { observed: withNumbers(7, 7) })).toBe(true);
  expect(isKnown('lockstep', 1, places, { observed: withNumbers(7, 8) })).toBe(false);
  expect(isKnown('lockstep', 1, places, { observed: withNumbers(7, 7, 1) })).toBe(false);
});

test('for a law without a model the rule is one of a step before', () => {
  expect(isKnown('remount-equivalence', 2, ['merged a st_mode'])).toBe(true);
  expect(isKnown('remount-equivalence', 0, ['merged a st_mode'])).toBe(false);
});

test('a rule counts after a step that leaves open in which order things are', () => {
  const scenario: Scenario = {
    ...{ ...SCENARIO, base: 'xfs' },
    steps: [
      { op: 'open', args: { slot: 0, path: 'b', flags: ['O_RDWR', 'O_CREAT'], mode: 0o600 } },
      { op: 'write', args: { fd: 0, bytes: 'x' } },
      { op: 'dedupe', args: { fd: 0, offset: 0, toFd: 0, toOffset: 0, size: 1 } },
      ...SCENARIO.steps,
    ],
  };
  expect(isKnown('remount-equivalence', 3, ['merged a st_mode'], { scenario })).toBe(false);
  expect(isKnown('remount-equivalence', 5, ['merged a st_mode'], { scenario })).toBe(true);
});

test('what no look came after shows later on, in places that are named for that', () => {
  const quiet: Scenario = { ...SCENARIO, looks: 'at the end' };
  expect(isKnown('lockstep', 2, ['merged a st_uid'])).toBe(false);
  expect(isKnown('lockstep', 2, ['merged a st_uid'], { scenario: quiet })).toBe(true);
  expect(isKnown('lockstep', 2, ['merged a st_gid'], { scenario: quiet })).toBe(false);
  expect(isKnown('lockstep', 0, ['merged a st_uid'], { scenario: quiet })).toBe(false);
});
