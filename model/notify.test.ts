import { expect, test } from 'vitest';
import type { Step } from './ops/index.ts';
import type { ArgKinds } from './ops/op.ts';
import type { Entry, LayerSpec } from './scenario.ts';
import { resolveProfile } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';

const FILES: readonly Entry[] = [
  { path: 'a', type: 'file' },
  { path: 'b', type: 'link', to: 'a' },
  { path: 'c', type: 'file' },
  { path: 'd/e', type: 'file' },
];
const LAYERS: readonly LayerSpec[] = [
  { role: 'upper', entries: [{ path: 'u/v', type: 'dir' }] },
  { role: 'lower', entries: FILES },
];

type Change = ArgKinds['watchedChange'];

function watch(path: string, change: Change, name: string, to = 'z'): Step {
  return { op: 'watchChange', args: { path, caches: 'kept', change, name, to } };
}

function cold(path: string, change: Change, name: string): Step {
  return { op: 'watchChange', args: { path, caches: 'dropped', change, name, to: 'z' } };
}

/** What the last step tells, and by which rules of watches. */
function told(steps: readonly Step[], options = '', kernel = 'linux-6.18') {
  const scenario = { base: 'tmpfs', layers: LAYERS, options, steps } as const;
  const last = simulate(scenario, resolveProfile(kernel), USUAL_ENVIRONMENT).at(-1);
  const rules = last?.rules.filter((id) => id.startsWith('watch/'));
  return [last?.result.ok === true ? last.result.value : last?.result, rules];
}

test('a watch of a lower file is told of what copies it up', () => {
  const rules = ['watch/survives-copy-up'];
  expect(told([watch('c', 'chmod', 'c')])).toEqual(['done, IN_ATTRIB', rules]);
});

test('a watched directory is told of names, by one cookie for both ends of a rename', () => {
  const events = 'done, IN_MOVED_FROM e #1, IN_MOVED_TO f #1';
  const rules = ['watch/survives-copy-up'];
  expect(told([watch('d', 'rename', 'd/e', 'd/f')])).toEqual([events, rules]);
  const exchanged = 'done, IN_MOVED_FROM e #1, IN_MOVED_TO e #2';
  expect(told([watch('d', 'exchange', 'd/e', 'c')])).toEqual([exchanged, rules]);
  expect(told([watch('u', 'rmdir', 'u/v')])).toEqual(['done, IN_DELETE|IN_ISDIR v', []]);
});

test('another name of a lower hard link is another inode, unless there is an index', () => {
  const steps = [watch('a', 'chmod', 'b')];
  expect(told(steps)).toEqual(['done', ['watch/of-another-name']]);
  expect(told(steps, 'index=on')).toEqual(['done, IN_ATTRIB', ['watch/survives-copy-up']]);
});

test('a name that was forgotten leads to the inode that is watched, where it has a key', () => {
  const rules = ['watch/survives-copy-up', 'watch/outlives-cache'];
  expect(told([cold('c', 'chmod', 'c')])).toEqual(['done, IN_ATTRIB', rules]);
  expect(told([cold('a', 'chmod', 'a')])).toEqual(['done', ['watch/of-another-name']]);
  expect(told([cold('u', 'rmdir', 'u/v')])).toEqual([
    'done, IN_DELETE|IN_ISDIR v',
    ['watch/outlives-cache'],
  ]);
});

test('a directory that is watched is not where it was once its name was forgotten', () => {
  const steps = [cold('u/v', 'rmdir', 'u/v'), watch('u', 'mkdir', 'u/v')];
  expect(told(steps.slice(0, 1))[0]).toBe('done, IN_DELETE_SELF, IN_IGNORED');
  expect(told(steps)[0]).toBe('done, IN_CREATE|IN_ISDIR v');
});

test('with its last name a file is gone, unless that is open', () => {
  const open: Step = { op: 'open', args: { slot: 0, path: 'c', flags: ['O_RDONLY'], mode: 0 } };
  const events = 'done, IN_ATTRIB, IN_DELETE_SELF, IN_IGNORED';
  expect(told([watch('c', 'unlink', 'c')])[0]).toBe(events);
  expect(told([watch('c', 'rename', 'd/e', 'c')])[0]).toBe(events);
  expect(told([open, watch('c', 'unlink', 'c')])[0]).toBe('done, IN_ATTRIB');
});

test('a file that is open by a name that went before is gone or not by kernel', () => {
  const steps: readonly Step[] = [
    { op: 'link', args: { from: 'c', to: 'c2', flags: [] } },
    { op: 'open', args: { slot: 0, path: 'c', flags: ['O_RDONLY'], mode: 0 } },
    { op: 'unlink', args: { path: 'c' } },
    watch('c2', 'unlink', 'c2'),
  ];
  const [events, rules] = told(steps);
  expect(events).toBe('done, IN_ATTRIB, IN_DELETE_SELF, IN_IGNORED');
  expect(rules).toEqual(['watch/ends-with-last-name']);
  expect(told(steps, '', 'linux-7.3.4')).toEqual([
    'done, IN_ATTRIB',
    ['watch/waits-for-open-names'],
  ]);
});

test('a call that fails tells nothing, and what cannot be watched is changed all the same', () => {
  expect(told([watch('d', 'unlink', 'd/none')])).toEqual(['ENOENT', []]);
  expect(told([watch('none', 'unlink', 'c')])).toEqual([{ ok: false, anyOf: ['ENOENT'] }, []]);
  const gone = [watch('none', 'unlink', 'c'), watch('.', 'unlink', 'c')];
  expect(told(gone)).toEqual(['ENOENT', []]);
});
