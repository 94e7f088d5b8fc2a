import { describe, expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import type { TreeEntry } from '../observation.ts';
import type { LayerName } from '../ops/op.ts';
import type { Entry } from '../scenario.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const LOWER: readonly Entry[] = [
  { path: 'a', type: 'file' },
  { path: 'd/s', type: 'symlink', target: 'a' },
  { path: 'k', type: 'file', flags: ['FS_APPEND_FL'] },
  { path: 'i', type: 'dir', flags: ['FS_IMMUTABLE_FL'] },
];

function lastOf(steps: readonly Step[], options = '') {
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: LOWER },
  ] as const;
  const scenario = { base: 'ext4', layers, options, steps } as const;
  const trace = simulate(scenario, resolveProfile('linux-6.18'), USUAL_ENVIRONMENT);
  const last = trace.at(-1);
  if (last?.merged == null) throw new Error('a trace without a step or a mount');
  return { ...last, merged: last.merged };
}

function link(layer: LayerName, from: string, to: string): Step {
  return { op: 'offlineLink', args: { layer, from, to } };
}

const CHMOD: Step = { op: 'chmod', args: { path: 'a', mode: 0o600 } };

describe('a link within a layer', () => {
  test('gives an object a further name, and a symlink itself', () => {
    const { base } = lastOf([link(0, 'd/s', 'b')]);
    expect(base.get('l0/b')?.node).toMatchObject({ nlink: 2, type: 'symlink' });
    expect(base.get('l0/b')?.node).toEqual(base.get('l0/d/s')?.node);
  });

  test.each([
    ['a', 'd/s', 'EEXIST'],
    ['a', '.', 'EEXIST'],
    ['a', 'x/y', 'ENOENT'],
    ['x', 'y', 'ENOENT'],
    ['x', 'a', 'ENOENT'],
    ['d', 'e', 'EPERM'],
    ['d', 'a', 'EEXIST'],
    ['k', 'b', 'EPERM'],
    ['a', 'i/b', 'EPERM'],
    ['a/b', 'c', 'ENOTDIR'],
  ])('of %s at %s fails with %s', (from, to, errno) => {
    expect(lastOf([link(0, from, to)]).result).toEqual({ ok: true, value: errno });
  });
});

describe('a file that was copied up when it had one name', () => {
  test('has the number of its copy once it has two', () => {
    const { merged, base } = lastOf([CHMOD, link(0, 'a', 'b')]);
    const ino = numberOf(merged.get('a'));
    expect(ino).toBe(numberOf(base.get('u/a')));
    expect(ino).not.toBe(numberOf(merged.get('b')));
  });

  test('is not what its other name is, beside an index', () => {
    const other: Step = { op: 'chmod', args: { path: 'b', mode: 0o640 } };
    const { merged } = lastOf([CHMOD, link(0, 'a', 'b'), other], 'index=on');
    expect(merged.get('a')?.node).toMatchObject({ mode: 0o600 });
    expect(merged.get('b')?.node).toMatchObject({ mode: 0o640, nlink: 2 });
  });
});

function numberOf(found: TreeEntry | undefined): number {
  if (found?.node.kind !== 'node') throw new Error('nothing is there');
  return found.node.ino;
}
