import { expect, test } from 'vitest';
import { indexName, madeUpPath } from './disk-names.ts';
import { handleUuid, makeHandle } from './handle.ts';
import { Identities } from './identities.ts';
import { inoOn } from './ino.ts';

const NOTHING = new Map<string, never>();
const KERNEL_INO = 70_000;
const HEX = hexOf(makeHandle(KERNEL_INO));

function hexOf(handle: string): string {
  return Array.from(handle, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

function knowing(ino: number): Identities {
  const identities = new Identities();
  identities.agree(ino, KERNEL_INO);
  return identities;
}

test('an index entry has the name of the inode that its handle is of', () => {
  expect(madeUpPath(knowing(12), NOTHING, `w/index/${HEX}`)).toBe(`w/index/${indexName(12)}`);
});

test('a handle of an inode that was never seen is no entry that the model has', () => {
  expect(madeUpPath(new Identities(), NOTHING, `w/index/${HEX}`)).toBeNull();
});

test.each([
  ['w/work/#1f', 'w/work/#'],
  ['w/index/#1f', 'w/index/#'],
  ['w/work/#1g', null],
  ['u/#1f', null],
  [`u/${HEX}`, null],
  ['w/index/abcd', null],
])('on disk %s is what the model calls %s', (path, ours) => {
  expect(madeUpPath(knowing(12), NOTHING, path)).toBe(ours);
});

test('a name that the scenario made up stays what it is', () => {
  expect(madeUpPath(knowing(12), new Set(['w/index/#b']), 'w/index/#b')).toBeNull();
});

test('an index entry of one of several file systems is told by the uuid, once it is known', () => {
  const identities = knowing(12);
  const other = inoOn(1, 3);
  identities.agree(other, KERNEL_INO);
  const path = `w/index/${indexName(other)}`;
  expect(madeUpPath(identities, new Set([path]), `w/index/${HEX}`)).toBe(path);
  const uuid = handleUuid(makeHandle(KERNEL_INO));
  expect(identities.agreeHandle(12, KERNEL_INO, uuid)).toBe(true);
  expect(madeUpPath(identities, new Set([path]), `w/index/${HEX}`)).toBe(
    `w/index/${indexName(12)}`,
  );
  expect(identities.agreeHandle(other, KERNEL_INO, uuid)).toBe(false);
});

test('a handle without a uuid is of a file system that has none, whatever its number', () => {
  const squashed = inoOn(1, 3);
  const identities = new Identities(
    () => false,
    (ino) => ino === squashed,
  );
  for (const ino of [12, squashed]) identities.agree(ino, KERNEL_INO);
  const both = new Set([12, squashed].map((ino) => `w/index/${indexName(ino)}`));
  const nameless = hexOf(makeHandle(KERNEL_INO, { hasNoUuid: true }));
  expect(madeUpPath(identities, both, `w/index/${nameless}`)).toBe(
    `w/index/${indexName(squashed)}`,
  );
  expect(madeUpPath(identities, both, `w/index/${HEX}`)).toBe(`w/index/${indexName(12)}`);
});

test('of several that a handle may be of, it is the one that has no name on disk yet', () => {
  const other = inoOn(1, 3);
  const identities = knowing(12);
  identities.agree(other, KERNEL_INO);
  const [first, second] = [12, other].map((ino) => `w/index/${indexName(ino)}`);
  const both = new Set([first, second].map(String));
  const nameless = hexOf(makeHandle(KERNEL_INO, { hasNoUuid: true }));
  const pathBeside = (named: string): string | null =>
    madeUpPath(identities, both, `w/index/${nameless}`, (candidate) => candidate === named);
  expect(pathBeside(String(first))).toBe(second);
  expect(pathBeside(String(second))).toBe(first);
});
