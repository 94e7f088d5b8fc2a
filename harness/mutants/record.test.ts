import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { moduleKey } from './build.ts';
import { chooseMutants, isEquivalent, parseMutant, readMutants } from './record.ts';

const DIR = mkdtempSync(join(tmpdir(), 'ovlcheck-test-'));
const OWN = join(import.meta.dirname, '../../fixtures/mutants');
const GOOD = {
  ...{ id: 'some-bug', title: 'a bug', class: 'copy-up', kernel: '6.1', file: 'dir.c' },
  ...{ function: 'ovl_rename', edits: [{ find: 'a', replace: 'b' }] },
};

afterAll(() => {
  rmSync(DIR, { recursive: true });
});

test('our own records: enough of each class, each class known, equivalence argued', () => {
  const mutants = readMutants(OWN);
  expect(mutants.length).toBeGreaterThanOrEqual(40);
  const classes = new Set(mutants.map((mutant) => mutant.class));
  expect([...classes].sort()).toEqual([
    ...['copy-up', 'handle', 'identity', 'metacopy', 'mmap/fd', 'mount options', 'nlink/index'],
    ...['permission', 'readdir', 'redirect', 'sync/volatile', 'whiteout/opaque', 'xattr/acl'],
  ]);
  for (const mutant of mutants.filter(isEquivalent)) {
    expect(String(mutant.equivalent).length, mutant.id).toBeGreaterThan(40);
  }
});

test('a record may say more than we ask', () => {
  const more = { ...GOOD, undoes: 'unknown', reproducer: ['mkdir l'], depth: 'deep', crash: true };
  expect(parseMutant(JSON.stringify(more), 'x.json')).toMatchObject(GOOD);
  const whole = { ...GOOD, function: null, edits: [{ find: 'a', replace: '', count: 2 }] };
  expect(parseMutant(JSON.stringify(whole), 'x.json').function).toBeNull();
});

test.each([
  ['no JSON', '{', /x\.json is no JSON/],
  ['a path', JSON.stringify({ ...GOOD, file: '../super.c' }), /x\.json: file: must be a file/],
  ['no edits', JSON.stringify({ ...GOOD, edits: [] }), /x\.json: edits/],
  ['nothing to find', JSON.stringify({ ...GOOD, edits: [{ find: '', replace: '' }] }), /find/],
  ['a name that is none', JSON.stringify({ ...GOOD, id: 'a/b' }), /x\.json: id: must be fit/],
])('a record with %s is refused by its name', (_, text, says) => {
  expect(() => parseMutant(text, 'x.json')).toThrow(says);
});

test('a folder with two records of one id is refused, and so is an id that none has', () => {
  writeFileSync(join(DIR, 'one.json'), JSON.stringify(GOOD));
  expect(chooseMutants(readMutants(DIR), [])).toHaveLength(1);
  expect(() => chooseMutants(readMutants(DIR), ['other'])).toThrow('no mutant other');
  writeFileSync(join(DIR, 'two.json'), JSON.stringify(GOOD));
  expect(() => readMutants(DIR)).toThrow('two records some-bug');
  expect(() => readMutants(join(DIR, 'nowhere'))).toThrow('no folder of records');
});

test('a module is another one when anything is that it is made of', () => {
  const key = moduleKey('base', new Map([['dir.c', 'a']]));
  expect(moduleKey('base', new Map([['dir.c', 'a']]))).toBe(key);
  const others = [
    moduleKey('other', new Map([['dir.c', 'a']])),
    moduleKey('base', new Map([['dir.c', 'b']])),
    moduleKey('base', new Map([['file.c', 'a']])),
  ];
  expect(new Set([key, ...others]).size).toBe(4);
});
