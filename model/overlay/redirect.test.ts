import { expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import type { Entry } from '../scenario.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const REDIRECT = 'trusted.overlay.redirect';

/** The last step of a run over one lower layer. */
function run(options: string, lower: readonly Entry[], steps: readonly Step[], profile?: string) {
  const layers = [
    { role: 'upper', entries: [] },
    { role: 'lower', entries: lower },
  ] as const;
  const semantics = resolveProfile(profile ?? 'linux-6.18');
  const trace = simulate({ base: 'tmpfs', layers, options, steps }, semantics, USUAL_ENVIRONMENT);
  const last = trace.at(-1);
  const xattrOf = (path: string): unknown => {
    const node = last?.base.get(path)?.node;
    return node?.kind === 'node' ? node.xattrs.get(REDIRECT) : 'no such object';
  };
  return { result: last?.result, merged: last?.merged ?? new Map<string, never>(), xattrOf };
}

function rename(from: string, to: string): Step {
  return { op: 'rename', args: { from, to, flags: [] } };
}

const TREE: readonly Entry[] = [
  { path: 'a/b/f', type: 'file' },
  { path: 'c', type: 'dir' },
];

test('a lower directory renamed beside its old name remembers the name', () => {
  const { xattrOf, merged } = run('redirect_dir=on', TREE, [rename('a', 'z'), rename('z', 'y')]);
  expect(xattrOf('u/y')).toBe('a');
  expect(merged.get('y/b/f')?.node).toHaveProperty('type', 'file');
});

test('a directory moved out of a renamed one remembers the path that lower layers have', () => {
  const steps = [rename('a', 'z'), rename('z/b', 'c/x')];
  const { xattrOf, merged } = run('redirect_dir=on', TREE, steps);
  expect(xattrOf('u/c/x')).toBe('/a/b');
  expect(merged.get('c/x/f')?.node).toHaveProperty('type', 'file');
});

test('a new mount finds a redirected directory again', () => {
  const steps: readonly Step[] = [rename('a/b', 'c/x'), { op: 'remount', args: {} }];
  const { merged } = run('redirect_dir=on', TREE, steps);
  expect(merged.get('c/x/f')?.node).toHaveProperty('type', 'file');
  expect(merged.has('a/b')).toBe(false);
});

test('without redirect_dir a lower directory stays where it is', () => {
  const { result, xattrOf } = run('redirect_dir=follow', TREE, [rename('a', 'z')]);
  expect(result).toEqual({ ok: false, anyOf: ['EXDEV'] });
  expect(xattrOf('u/a')).toBe('no such object');
});
