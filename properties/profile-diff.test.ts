import { expect, test } from 'vitest';
import { answering, answersOf } from '../model/semantics/questions.ts';
import { resolveProfile } from '../model/semantics/resolve.ts';
import { diffProfiles, predictBoth } from './profile-diff.ts';

const LIMITS = {
  ...{ seed: 1, options: 'any', base: 'tmpfs', stepCount: 30 },
  ...{ scenariosMax: 60, foundMax: 6, shrinkEvaluationsMax: 300 },
};
const NEVER = new AbortController().signal;

test('semantics that take over all answers predict the same', async () => {
  const [a, b] = [resolveProfile('linux-5.10'), resolveProfile('linux-7.3.4')];
  const questions = answersOf(a, b).map(({ question }) => question);
  const all = answering(a, b, questions);
  expect(questions).toEqual(expect.arrayContaining(['emptyAcl', 'uuid-auto', 'verity-xflag']));
  expect(answersOf(all, b)).toEqual([]);
  expect(await diffProfiles(all, b, LIMITS, NEVER)).toEqual({ found: [], unmet: [], scenarios: 0 });
});

test('kernels are told apart by small scenarios, each of which turns on one answer', async () => {
  const [a, b] = [resolveProfile('linux-6.1'), resolveProfile('linux-6.12')];
  const { found, unmet } = await diffProfiles(a, b, LIMITS, NEVER);
  expect(found).toHaveLength(LIMITS.foundMax);
  expect(found.length + unmet.length).toBe(answersOf(a, b).length);
  for (const { scenario, turnsOn, differences } of found) {
    expect(turnsOn).toHaveLength(1);
    expect(differences.length).toBeGreaterThan(0);
    expect(scenario.steps.length).toBeLessThanOrEqual(4);
    // Nothing else is needed to make the second one predict what the first one does.
    const alone = answering(b, a, [turnsOn[0]!.question]);
    expect(predictBoth(scenario, alone, b).differences).toEqual(differences);
  }
  const lengths = found.map(({ scenario }) => scenario.steps.length);
  expect(lengths).toEqual(lengths.toSorted((one, other) => one - other));
});

test('a proposal is told from the kernel that it extends', async () => {
  const [a, b] = [resolveProfile('proposal/copy-up-fixes-6.18'), resolveProfile('linux-6.18.44')];
  const limits = { ...LIMITS, options: 'redirect_dir=off', scenariosMax: 900, foundMax: 1 };
  const { found } = await diffProfiles(a, b, limits, NEVER);
  expect(found.map(({ turnsOn }) => turnsOn.length)).toEqual([1]);
});

test('two designs for errors of writing back are told apart where a device fails', async () => {
  const a = resolveProfile('proposal/syncfs-passes-on');
  const b = resolveProfile('proposal/syncfs-asks-upper');
  const limits = { ...LIMITS, base: 'any', scenariosMax: 1000, foundMax: 1 };
  const { found } = await diffProfiles(a, b, limits, NEVER);
  expect(found.map(({ turnsOn }) => turnsOn.map(({ question }) => question))).toEqual([
    ['syncfsErrors'],
  ]);
  const [{ scenario } = { scenario: { steps: [] } }] = found;
  expect(scenario.steps.at(-1)?.op).toBe('syncfs');
  expect(scenario.steps.length).toBeLessThanOrEqual(10);
});
