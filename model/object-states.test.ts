import { expect, test } from 'vitest';
import { OBJECT_ARGS, OPTION_CLASS_NAMES, statesOf } from './object-states.ts';
import type { Step } from './ops/index.ts';
import type { Scenario } from './scenario.ts';
import { profileOfRelease } from './semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from './semantics/semantics.ts';
import { simulate } from './simulate.ts';

const METACOPY = 'redirect_dir=on,index=off,metacopy=on,nfs_export=off';
const EXPORT = 'redirect_dir=on,index=on,metacopy=off,nfs_export=on';
const OPEN: Step = { op: 'open', args: { slot: 0, path: 'a', flags: ['O_RDONLY'], mode: 0 } };
const FCHMOD: Step = { op: 'fchmod', args: { fd: 0, mode: 0o600 } };

/** What each step over a lower file `a` and a lower directory `d` meets. */
function statesMet(options: string, steps: readonly Step[]): readonly string[] {
  const scenario: Scenario = {
    base: 'tmpfs',
    layers: [
      { role: 'upper', entries: [{ path: 'd', type: 'dir' }] },
      {
        role: 'lower',
        entries: [
          { path: 'a', type: 'file', pieces: [{ at: 0, text: 'x' }] },
          { path: 'd', type: 'dir' },
        ],
      },
    ],
    ...{ options, steps },
  };
  const trace = simulate(scenario, profileOfRelease('6.12'), USUAL_ENVIRONMENT);
  return trace.flatMap(({ objects = [] }) => objects.map(({ state }) => state));
}

test('a file is lower, then a metadata-only copy, then open without a name', () => {
  const unlink: Step = { op: 'unlink', args: { path: 'a' } };
  const stat: Step = { op: 'stat', args: { path: 'a', flags: [] } };
  expect(statesMet(METACOPY, [OPEN, FCHMOD, unlink, FCHMOD, stat])).toEqual([
    ...['file: lower', 'file: lower', 'file: metacopy', 'unlinked file: metacopy'],
    'name under a whiteout',
  ]);
});

test('what a handle opens is not connected while nobody looks its name up', () => {
  const steps: Step[] = [
    { op: 'encodeHandle', args: { handle: 0, path: 'a', flags: [], size: 128 } },
    { op: 'openHandleCold', args: { slot: 0, handle: 0, flags: ['O_RDONLY'] } },
    FCHMOD,
  ];
  expect(statesMet(EXPORT, steps).at(-1)).toBe('disconnected file: lower');
});

test('directories are merged, and names are free, hidden or nowhere', () => {
  const paths = ['.', 'd', 'd/a', 'a/b'];
  const steps = paths.map((path): Step => ({ op: 'stat', args: { path, flags: [] } }));
  expect(statesMet(METACOPY, steps)).toEqual([
    ...['root', 'dir: merged', 'free name', 'name below no directory'],
  ]);
});

test('states are those that are listed', () => {
  const listed = new Set(statesOf('path').concat(statesOf('fd'), statesOf('handle')));
  const met = statesMet(METACOPY, [OPEN, FCHMOD, FCHMOD]);
  expect(met.filter((state) => !listed.has(state))).toEqual([]);
  expect(OPTION_CLASS_NAMES.at(-1)).toBe('plain');
  expect(OBJECT_ARGS.get('rename')?.map(([name]) => name)).toEqual(['from', 'to']);
  expect(OBJECT_ARGS.get('offlineUnlink')).toEqual([]);
});
