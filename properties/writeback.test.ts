import { expect, test } from 'vitest';
import { resolveProfile } from '../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';
import type { ObservedTrace } from '../model/observation.ts';
import type { Step } from '../model/ops/index.ts';
import { ANY_OPTIONS } from './options.ts';
import { DEFAULT_OPTIONS } from './scenarios.ts';
import { pairDifferences } from './writeback-law.ts';
import { writeback } from './writeback.ts';

const COUNT = 100;
const RELEASE = 'linux-6.12';

test.each([
  ['ext4', DEFAULT_OPTIONS],
  ['xfs', DEFAULT_OPTIONS],
  ['ext4', ANY_OPTIONS],
])('most steps of scenarios on %s are predicted, with %s', (base, options) => {
  const told = new Set<string>();
  let [mounted, drawn, predicted] = [0, 0, 0];
  for (let index = 0; index < COUNT; index++) {
    const wishes = { options, base, stepCount: 30, release: RELEASE };
    const scenario = writeback.scenarioAt(1, index, wishes);
    const trace = simulate(scenario, resolveProfile(RELEASE), USUAL_ENVIRONMENT);
    if (trace[0]?.result.ok !== true) continue;
    mounted++;
    drawn += scenario.steps.length;
    predicted += trace.length - 1;
    for (const [step, { result }] of trace.entries()) {
      const { op } = scenario.steps[step - 1] ?? { op: 'mount' };
      if (!result.ok && result.anyOf.includes('EIO')) told.add(op);
    }
  }
  expect(mounted).toBeGreaterThan(COUNT * 0.9);
  expect(predicted).toBeGreaterThan(drawn * 0.95);
  expect([...told]).toEqual(
    expect.arrayContaining(['fsync', 'fdatasync', 'syncfs', 'outsideSync']),
  );
});

const PAIR: readonly Step[] = [
  { op: 'open', args: { slot: 0, path: 'a', flags: ['O_RDWR'], mode: 0 } },
  { op: 'outsideOpen', args: { outside: 0, place: 'upper', path: 'a', access: 'ro' } },
  { op: 'fsync', args: { fd: 0 } },
  { op: 'outsideSync', args: { outside: 0, how: 'fsync' } },
];

function saying(...errnos: readonly ('EIO' | null)[]): ObservedTrace {
  const [before, after] = [
    { sec: 0, nsec: 0 },
    { sec: 0, nsec: 0 },
  ];
  const rest = { before, after, merged: null, base: null, treeError: 0 };
  return [null, null, null, ...errnos].map((errno) => {
    return { ...rest, result: errno === null ? { ok: true, value: null } : { ok: false, errno } };
  });
}

test('an overlay file that tells nothing, where its upper file does, breaks the law', () => {
  expect(pairDifferences(PAIR, saying('EIO', 'EIO'))).toEqual([]);
  expect(pairDifferences(PAIR, saying(null, null))).toEqual([]);
  expect(pairDifferences(PAIR, saying(null, 'EIO'))).toMatchObject([
    { step: 3, predicted: 'EIO', observed: 'success' },
  ]);
});

test('who was asked alone says nothing of the other any more', () => {
  const asked = PAIR.toSpliced(2, 0, { op: 'fsync', args: { fd: 0 } });
  expect(pairDifferences(asked, saying('EIO', null, 'EIO'))).toEqual([]);
});
