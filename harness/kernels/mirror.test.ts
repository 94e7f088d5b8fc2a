import { expect, test } from 'vitest';
import { parseDeb822, parseOneLine, suitesOn } from './mirror.ts';

test('deb822 sources are read with comments, several suites and continued lines', () => {
  const text = `Types: deb deb-src
# a comment
URIs: http://mirror.test/debian
Suites: bookworm bookworm-updates
  bookworm-backports
Components: main

Enabled: no
Types: deb
URIs: http://off.test/debian
Suites: sid

Types: deb
URIs: http://mirror.test/security
Suites: bookworm-security
`;
  expect(parseDeb822(text)).toEqual([
    { uri: 'http://mirror.test/debian', suite: 'bookworm' },
    { uri: 'http://mirror.test/debian', suite: 'bookworm-updates' },
    { uri: 'http://mirror.test/debian', suite: 'bookworm-backports' },
    { uri: 'http://mirror.test/security', suite: 'bookworm-security' },
  ]);
});

test('one-line sources are read with and without options', () => {
  const text = `
# deb http://old.test/debian sid main
deb http://mirror.test/debian trixie main contrib
deb [arch=amd64 signed-by=/k.gpg] http://other.test/packages nodistro main
deb-src http://mirror.test/debian trixie main
`;
  expect(parseOneLine(text)).toEqual([
    { uri: 'http://mirror.test/debian', suite: 'trixie' },
    { uri: 'http://other.test/packages', suite: 'nodistro' },
  ]);
});

test('all suites are taken from the mirror that the machine uses, security from its own', () => {
  const suites = suitesOn([
    { uri: 'http://other.test/', suite: 'nodistro' },
    { uri: 'http://mirror.test/debian', suite: 'bookworm' },
    { uri: 'http://mirror.test/security', suite: 'bookworm-security' },
  ]);
  expect(suites).toContainEqual({ uri: 'http://mirror.test/debian', suite: 'experimental' });
  expect(suites).toContainEqual({ uri: 'http://mirror.test/security', suite: 'trixie-security' });
  expect(suites.map(({ uri }) => uri)).not.toContain('http://other.test/');
});

test('a machine without a Debian mirror needs one to be named', () => {
  const sources = [{ uri: 'http://other.test/', suite: 'nodistro' }];
  expect(() => suitesOn(sources)).toThrow(/--mirror/);
  expect(suitesOn(sources, 'http://named.test/debian')[0]?.uri).toBe('http://named.test/debian');
});
