import { expect, test } from 'vitest';
import { compareVersions, hasVersionPrefix, seriesOf } from './versions.ts';

test.each([
  ['6.1.176-1', '6.1.192-2'],
  ['6.9.1-1', '6.12.107-1'],
  ['7.3~rc7-1~exp1', '7.3-1'],
  ['7.3~rc7-1~exp1', '7.3~rc10-1~exp1'],
  ['6.12.90-1~bpo12+1', '6.12.90-1'],
  ['6.1um4', '6.1um4+b13'],
  ['7.2.12-1', '7.3~rc7-1'],
])('%s is older than %s', (older, newer) => {
  expect(compareVersions(older, newer)).toBeLessThan(0);
  expect(compareVersions(newer, older)).toBeGreaterThan(0);
  expect(compareVersions(newer, newer)).toBe(0);
});

test.each([
  ['6.1.176-1', '6.1', true],
  ['6.12.107-1', '6.1', false],
  ['6.12.107-1', '6.12', true],
  ['6.12.107-1', '6.12.10', false],
  ['7.3~rc7-1~exp1', '7.3', true],
  ['6.1um4+b13', '6.1', true],
  ['6.1.0-50-cloud-amd64', '6.1.0-5', false],
])('%s asked for as %s: %s', (version, prefix, expected) => {
  expect(hasVersionPrefix(version, prefix)).toBe(expected);
});

test('a kernel belongs to the series of its first two numbers', () => {
  expect(seriesOf('7.3~rc7-1~exp1')).toBe('7.3');
  expect(seriesOf('6.12.107-1')).toBe('6.12');
});
