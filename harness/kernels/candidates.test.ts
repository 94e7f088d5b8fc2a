import { expect, test } from 'vitest';
import type { ArchivePackage } from './archive.ts';
import { parsePackages } from './archive.ts';
import { candidatesOf, newestFor, packagePattern, seriesIn } from './candidates.ts';

function packagesNamed(...entries: readonly (readonly [string, string])[]): ArchivePackage[] {
  return entries.map(([name, version]) => ({ name, version, bytes: 20_000_000 }));
}

const WHOLE = packagesNamed(
  ['linux-image-6.1.0-47-cloud-amd64', '6.1.170-1'],
  ['linux-image-6.1.0-50-cloud-amd64-unsigned', '6.1.176-1'],
  ['linux-image-6.1.0-50-cloud-amd64', '6.1.176-1'],
  ['linux-image-6.12.107+deb13-cloud-amd64', '6.12.107-1'],
);
const SPLIT = packagesNamed(
  ['linux-image-7.3-cloud-amd64', '7.3~rc7-1~exp1'],
  ['linux-binary-7.3-cloud-amd64', '7.3~rc7-1~exp1'],
  ['linux-modules-7.3-cloud-amd64', '7.3~rc7-1~exp1'],
  ['linux-base-7.3-cloud-amd64', '7.3~rc7-1~exp1'],
  ['linux-image-7.1.13+deb13-cloud-amd64', '7.1.13-1~bpo13+1'],
  ['linux-binary-7.1.13+deb13-cloud-amd64', '7.1.13-1~bpo13+1'],
);

test('the newest kernel of a series is chosen, signed before unsigned', () => {
  const chosen = newestFor(candidatesOf('vm', WHOLE), '6.1');
  expect(chosen?.packages.map(({ name }) => name)).toEqual(['linux-image-6.1.0-50-cloud-amd64']);
  expect(newestFor(candidatesOf('vm', WHOLE), '6.1.170')?.release).toBe('6.1.0-47-cloud-amd64');
  expect(newestFor(candidatesOf('vm', WHOLE), '6.1.0-47')?.version).toBe('6.1.170-1');
});

test('a kernel in three packages is taken whole, and not at all when one is missing', () => {
  const candidates = candidatesOf('vm', SPLIT);
  expect(candidates).toHaveLength(1);
  expect(newestFor(candidates, '7.3')?.packages).toHaveLength(3);
  expect(newestFor(candidates, '7.1')).toBeNull();
});

test('series are listed in the order of their numbers', () => {
  expect(seriesIn(candidatesOf('vm', [...WHOLE, ...SPLIT]))).toEqual(['6.1', '6.12', '7.3']);
});

test('UML comes with the oldest C library that will do, or not at all', () => {
  const libraries = packagesNamed(['libc6', '2.41-12'], ['libc6', '2.36-9'], ['libc6', '2.43-7']);
  const uml = { name: 'user-mode-linux', version: '7.2um1', bytes: 1, depends: 'libc6 (>= 2.38)' };
  const [candidate] = candidatesOf('uml', [...libraries, uml]);
  expect(candidate?.packages.map(({ version }) => version)).toEqual(['7.2um1', '2.41-12']);
  expect(candidatesOf('uml', [uml, ...packagesNamed(['libc6', '2.36-9'])])).toEqual([]);
});

test('debug symbols and meta packages are no kernels', () => {
  const meta = { name: 'linux-image-6.12-cloud-amd64', version: '6.12.107-1', bytes: 1500 };
  expect(candidatesOf('vm', [meta])).toEqual([]);
  const pattern = packagePattern('vm', 'amd64');
  expect(pattern.test('linux-image-6.1.0-50-cloud-amd64')).toBe(true);
  expect(pattern.test('linux-image-6.1.0-50-cloud-amd64-dbg')).toBe(false);
  expect(pattern.test('linux-image-cloud-amd64')).toBe(false);
  expect(pattern.test('linux-image-6.1.0-50-amd64')).toBe(false);
});

test('what apt-cache prints is read paragraph by paragraph', () => {
  const text = 'Package: a\nVersion: 1-1\nSize: 20\nDescription: x\n\nPackage: a\nVersion: 2-1\n';
  expect(parsePackages(text)).toEqual([
    { name: 'a', version: '1-1', bytes: 20 },
    { name: 'a', version: '2-1', bytes: 0 },
  ]);
});
