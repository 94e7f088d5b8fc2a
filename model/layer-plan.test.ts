import { expect, test } from 'vitest';
import { planLayer } from './layer-plan.ts';
import type { PlannedEntry } from './layer-plan.ts';
import type { Entry } from './scenario.ts';

function plan(entries: readonly Entry[], layerIndex = 0): PlannedEntry[] {
  return planLayer({ role: 'lower', entries }, layerIndex);
}

function pathsOf(entries: readonly Entry[]): string[] {
  return plan(entries).map(({ path, type }) => `${path} ${type}`);
}

test('an empty layer is a root with defaults', () => {
  expect(plan([])).toEqual([
    {
      path: '.',
      type: 'dir',
      mode: 0o755,
      uid: 0,
      gid: 0,
      xattrs: [],
      flags: [],
      atimeSec: 1_000_000_500,
      mtimeSec: 1_000_000_000,
      target: '',
      rdev: { major: 0, minor: 0 },
      pieces: [],
      size: null,
      hasVerity: false,
      to: '',
    },
  ]);
});

test('parents that are missing are made before what is in them', () => {
  const paths = pathsOf([
    { path: 'a/b/c', type: 'file' },
    { path: 'a/d', type: 'fifo' },
  ]);
  expect(paths).toEqual(['. dir', 'a dir', 'a/b dir', 'a/b/c file', 'a/d fifo']);
});

test('what cannot be made is left out: a taken name, no directory, a link to nothing', () => {
  const paths = pathsOf([
    { path: 'f', type: 'file' },
    { path: 'f', type: 'dir' },
    { path: 'f/below', type: 'file' },
    { path: 'd', type: 'dir' },
    { path: 'to-later', type: 'link', to: 'later' },
    { path: 'to-dir', type: 'link', to: 'd' },
    { path: 'to-f', type: 'link', to: 'f' },
    { path: 'later', type: 'file' },
  ]);
  expect(paths).toEqual(['. dir', 'f file', 'd dir', 'to-f link', 'later file']);
});

test('an entry for the dot sets the attributes of the root, wherever it stands', () => {
  const [root, ...others] = plan([
    { path: 'a', type: 'file' },
    { path: '.', type: 'dir', mode: 0o1777, uid: 1000, xattrs: { 'trusted.a': '1' } },
  ]);
  expect(root).toMatchObject({ mode: 0o1777, uid: 1000, xattrs: [['trusted.a', '1']] });
  expect(others.map(({ path }) => path)).toEqual(['a']);
});

test('every object has times that no other one has', () => {
  const entries = [1, 2, 3].map((number): Entry => ({ path: `f${number}`, type: 'file' }));
  const times = [plan(entries, 0), plan(entries, 1)].flatMap((planned) =>
    planned.flatMap(({ atimeSec, mtimeSec }) => [atimeSec, mtimeSec]),
  );
  expect(new Set(times).size).toBe(times.length);
});

test('a symlink has its mode from the kernel and takes no user xattr', () => {
  const [, symlink] = plan([
    {
      path: 's',
      type: 'symlink',
      target: 'x',
      mode: 0o600,
      xattrs: { 'user.a': '1', 'trusted.a': '2' },
    },
  ]);
  expect(symlink).toMatchObject({ mode: 0o777, target: 'x', xattrs: [['trusted.a', '2']] });
});

test('an access control list that cannot be set is left out', () => {
  const whole =
    '\x02\0\0\0' +
    [1, 4, 32].map((tag) => `${String.fromCharCode(tag)}\0\x07\0\xff\xff\xff\xff`).join('');
  const [access, byDefault] = ['system.posix_acl_access', 'system.posix_acl_default'] as const;
  const keptOf = (type: 'dir' | 'file' | 'symlink', value: string): readonly string[] => {
    const xattrs = { [access]: value, [byDefault]: value };
    const [, planned] = plan([{ path: 'a', type, target: 'b', xattrs }]);
    return planned?.xattrs.map(([name]) => name) ?? [];
  };
  expect(keptOf('dir', whole)).toEqual([access, byDefault]);
  expect(keptOf('file', whole)).toEqual([access]);
  expect(keptOf('symlink', whole)).toEqual([]);
  for (const value of ['', '1', whole.slice(0, -8)]) expect(keptOf('dir', value)).toEqual([]);
});

test('every sublist of the entries of a layer can be planned', () => {
  const entries: readonly Entry[] = [
    { path: 'd', type: 'dir' },
    { path: 'd/f', type: 'file' },
    { path: 'l', type: 'link', to: 'd/f' },
    { path: 'd', type: 'symlink', target: 'l' },
    { path: 'd/g/h', type: 'chr', rdev: { major: 0, minor: 0 } },
  ];
  for (let subset = 0; subset < 2 ** entries.length; subset++) {
    const planned = plan(entries.filter((_, index) => ((subset >> index) & 1) === 1));
    const made = new Map<string, string>();
    for (const { path, type, to } of planned) {
      const parent = path.split('/').slice(0, -1).join('/');
      expect(made.has(path)).toBe(false);
      if (parent !== '') expect(made.get(parent)).toBe('dir');
      if (type === 'link') expect(made.get(to)).toBe('file');
      made.set(path, type);
    }
  }
});
