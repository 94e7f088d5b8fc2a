import { describe, expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import type { ArgKinds, LayerName } from '../ops/op.ts';
import type { Entry } from '../scenario.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const UPPER: readonly Entry[] = [
  { path: 'd/a', type: 'file', mode: 0o4755, uid: 3, xattrs: { 'trusted.a': '1' } },
  { path: 'd/b', type: 'link', to: 'd/a' },
  { path: 'h', type: 'file', pieces: [{ at: 16_384, text: 'x' }], size: 20_000 },
];
const ALL = ['xattrs', 'links'] as const;

function lastOf(steps: readonly Step[], { options = '', entries = UPPER } = {}) {
  const layers = [
    { role: 'upper', entries },
    { role: 'lower', entries: [{ path: 'l', type: 'file' }] },
  ] as const;
  const scenario = { base: 'tmpfs', layers, options, steps } as const;
  const trace = simulate(scenario, resolveProfile('linux-6.18'), USUAL_ENVIRONMENT);
  const last = trace.at(-1);
  if (last === undefined) throw new Error('a trace without a step');
  return last;
}

function replace(
  layer: LayerName,
  by: ArgKinds['replacement'],
  work: ArgKinds['workFate'] = 'stays',
): Step {
  return { op: 'offlineReplace', args: { layer, by, work, otherFs: 0 } };
}

function copy(from: string, to: string, keeps: ArgKinds['copyKeeps']): Step {
  return { op: 'offlineCopy', args: { layer: 'upper', from, to, keeps } };
}

const INDEX = { options: 'index=on' };
const CHMOD: Step = { op: 'chmod', args: { path: 'l', mode: 0o600 } };

describe('a copy of a tree', () => {
  test('has what the original has, but for its inodes', () => {
    const { base } = lastOf([copy('d', 'e', ALL)]);
    const [source, made, linked] = ['u/d/a', 'u/e/a', 'u/e/b'].map((path) => base.get(path)?.node);
    expect(made).toMatchObject({ mode: 0o4755, uid: 3, nlink: 2 });
    expect(made).toMatchObject({ xattrs: new Map([['trusted.a', '1']]) });
    expect(linked).toEqual(made);
    expect(made).not.toMatchObject({ ino: source?.kind === 'node' ? source.ino : 0 });
  });

  test('may lose xattrs and hard links', () => {
    const { base } = lastOf([copy('d', 'e', [])]);
    expect(base.get('u/e/a')?.node).toMatchObject({ nlink: 1, xattrs: new Map() });
  });

  test('keeps holes', () => {
    expect(lastOf([copy('h', 'i', [])]).base.get('u/i')?.node).toMatchObject({
      blocks: 8,
      size: 20_000,
    });
  });

  test('made inside of the original does not contain itself', () => {
    const { base } = lastOf([copy('.', 'd/e', ALL)]);
    expect(base.has('u/d/e/d/a')).toBe(true);
    expect(base.has('u/d/e/d/e')).toBe(false);
  });

  test('is not made where something is', () => {
    expect(lastOf([copy('d', 'h', ALL)]).result).toEqual({ ok: true, value: 'EEXIST' });
  });
});

describe('a copied layer', () => {
  test('is as good as the original without an index', () => {
    for (const layer of ['upper', 'work', 0] as const) {
      expect(lastOf([CHMOD, replace(layer, ALL)]).result).toEqual({ ok: true, value: 'done' });
    }
  });

  test.each(['upper', 0] as const)('is another one to the index: %s', (layer) => {
    const { result } = lastOf([CHMOD, replace(layer, ALL)], INDEX);
    expect(result).toEqual({ ok: false, anyOf: ['ESTALE'] });
  });

  test('goes with a new work directory, if it is the upper layer', () => {
    const { result, base } = lastOf([CHMOD, replace('upper', ALL, 'emptied')], INDEX);
    expect(result).toEqual({ ok: true, value: 'done' });
    expect(base.has('u102/l')).toBe(true);
    expect(base.has('w/index')).toBe(true);
  });
});

test('what is protected stays where a tree is removed or given away', () => {
  const entries: readonly Entry[] = [
    ...UPPER,
    { path: 'd/k', type: 'dir', flags: ['FS_APPEND_FL'] },
  ];
  const args = { layer: 'upper', path: 'd' } as const;
  const removed = lastOf([{ op: 'offlineRemoveTree', args }], { entries });
  expect(removed.result).toEqual({ ok: true, value: 'EPERM' });
  expect([...removed.base.keys()].filter((path) => path.startsWith('u/'))).toEqual([
    'u/d',
    'u/d/k',
    'u/h',
  ]);
  const owner = { ...args, uid: 7, gid: -1 };
  const given = lastOf([{ op: 'offlineChownTree', args: owner }], { entries });
  expect(given.result).toEqual({ ok: true, value: 'EPERM' });
  const owners = ['u/d', 'u/d/a', 'u/d/k'].map((path) => given.base.get(path)?.node);
  expect(owners).toMatchObject([{ uid: 7 }, { uid: 7, mode: 0o755 }, { uid: 0 }]);
});
