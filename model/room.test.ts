import { expect, test } from 'vitest';
import type { Step } from './ops/index.ts';
import type { LayerSpec } from './scenario.ts';
import { resolveProfile } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';

const LAYERS: readonly LayerSpec[] = [
  { role: 'upper', entries: [{ path: 'u', type: 'file' }] },
  { role: 'lower', entries: [{ path: 'a', type: 'file', pieces: [{ at: 0, text: 'data' }] }] },
];
const CHMOD: Step = { op: 'chmod', args: { path: 'a', mode: 0o600 } };
const NO_ROOM = { ok: false, anyOf: ['ENOSPC'] };
const DONE = { ok: true, value: null };

function resultsOf(id: string, room: 'data' | 'inodes', steps: readonly Step[]) {
  const full: Step = { op: 'fillUp', args: { room } };
  const scenario = { base: 'tmpfs', layers: LAYERS, options: '', steps: [full, ...steps] } as const;
  const trace = simulate(scenario, resolveProfile(id), USUAL_ENVIRONMENT);
  return trace.slice(2).map(({ result }) => result);
}

test.each(['data', 'inodes'] as const)('copy-up works once there is room for %s', (room) => {
  const steps: readonly Step[] = [CHMOD, { op: 'makeRoom', args: {} }, CHMOD];
  expect(resultsOf('linux-6.18', room, steps)).toEqual([NO_ROOM, DONE, DONE]);
});

test('a symlink needs room for data if it is long', () => {
  const symlinkTo = (bytes: number): Step => {
    return { op: 'symlink', args: { target: 't'.repeat(bytes), path: `s${bytes}` } };
  };
  expect(resultsOf('linux-6.18', 'data', [symlinkTo(127), symlinkTo(128)])).toEqual([
    DONE,
    NO_ROOM,
  ]);
});

test('xattrs need room for inodes where tmpfs counts them', () => {
  const args = { path: 'u', name: 'trusted.a', value: 'v', flags: [] };
  const steps: readonly Step[] = [{ op: 'setxattr', args }];
  expect(resultsOf('linux-6.1', 'inodes', steps)).toEqual([DONE]);
  expect(resultsOf('linux-6.18', 'inodes', steps)).toEqual([NO_ROOM]);
});

test('a mount makes room', () => {
  const steps: readonly Step[] = [{ op: 'remount', args: {} }, CHMOD];
  expect(resultsOf('linux-6.18', 'data', steps)[1]).toEqual(DONE);
});
