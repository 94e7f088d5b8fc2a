import { expect, test } from 'vitest';
import type { Step } from '../ops/index.ts';
import type { Entry, LayerSpec } from '../scenario.ts';
import { resolveProfile } from '../semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../semantics/semantics.ts';
import { simulate } from '../simulate.ts';

const FILES: readonly Entry[] = [
  { path: 'a', type: 'file' },
  { path: 'd/b', type: 'file' },
  { path: 'l', type: 'link', to: 'a' },
];
const LAYERS: readonly LayerSpec[] = [
  { role: 'lower', entries: [{ path: 'd/c', type: 'file' }] },
  { role: 'lower', entries: FILES },
];

function run(steps: readonly Step[], layers = LAYERS, options = '') {
  const semantics = resolveProfile('linux-6.18');
  return simulate({ base: 'tmpfs', layers, options, steps }, semantics, USUAL_ENVIRONMENT);
}

const REFUSED: readonly Step[] = [
  { op: 'mkdir', args: { path: 'x', mode: 0o755 } },
  { op: 'unlink', args: { path: 'a' } },
  { op: 'unlink', args: { path: 'nothing' } },
  { op: 'rmdir', args: { path: 'd' } },
  { op: 'rename', args: { from: 'a', to: 'x', flags: [] } },
  { op: 'link', args: { from: 'a', to: 'x', flags: [] } },
  { op: 'symlink', args: { target: 'a', path: 'x' } },
  { op: 'chmod', args: { path: 'a', mode: 0o600 } },
  { op: 'lchown', args: { path: 'a', uid: 1, gid: 1 } },
  { op: 'truncate', args: { path: 'a', offset: 1 } },
  { op: 'setxattr', args: { path: 'a', name: 'user.a', value: '', flags: [] } },
  { op: 'open', args: { slot: 0, path: 'a', flags: ['O_RDWR'], mode: 0 } },
  { op: 'open', args: { slot: 0, path: 'x', flags: ['O_CREAT'], mode: 0 } },
  { op: 'open', args: { slot: 0, path: 'a', flags: ['O_TRUNC'], mode: 0 } },
  { op: 'access', args: { path: 'a', mode: ['W_OK'], flags: [] } },
];

test.each(REFUSED)('without an upper layer nothing is changed: $op $args', (step) => {
  const [first, last] = run([step]);
  expect(last?.result).toEqual({ ok: false, anyOf: ['EROFS'] });
  expect(last?.base).toEqual(first?.base);
});

test('what is there already is said first, and reading works', () => {
  const [, made, opened, dropped] = run([
    { op: 'mkdir', args: { path: 'd', mode: 0o755 } },
    { op: 'open', args: { slot: 0, path: 'a', flags: ['O_CREAT'], mode: 0 } },
    { op: 'dropCaches', args: {} },
  ]);
  expect(made?.result).toEqual({ ok: false, anyOf: ['EEXIST'] });
  expect(opened?.result.ok).toBe(true);
  expect(dropped?.result).toEqual({ ok: false, anyOf: ['EROFS'] });
});

test('lower layers are merged as under an upper one, and shown as read-only', () => {
  const [mounted] = run([]);
  const shown = { layers: ['ro', 'lowerdir=l0:l1'], options: ['redirect_dir=on'] };
  expect(mounted?.result).toEqual({ ok: true, value: shown });
  expect([...(mounted?.merged?.keys() ?? [])]).toEqual(['', 'a', 'd', 'd/b', 'd/c', 'l']);
});

test('one lower layer alone is no overlay', () => {
  const [mounted] = run([], LAYERS.slice(1));
  expect(mounted?.result).toEqual({ ok: false, anyOf: ['EINVAL'] });
});
