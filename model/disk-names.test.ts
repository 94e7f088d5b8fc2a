import { expect, test } from 'vitest';
import { indexName, madeUpPath } from './disk-names.ts';
import { makeHandle } from './handle.ts';
import { Identities } from './identities.ts';

const KERNEL_INO = 70_000;
const HEX = Array.from(makeHandle(KERNEL_INO), (byte) =>
  byte.charCodeAt(0).toString(16).padStart(2, '0'),
).join('');

function knowing(ino: number): Identities {
  const identities = new Identities();
  identities.agree(ino, KERNEL_INO);
  return identities;
}

test('an index entry has the name of the inode that its handle is of', () => {
  expect(madeUpPath(knowing(12), `w/index/${HEX}`)).toBe(`w/index/${indexName(12)}`);
});

test('a handle of an inode that was never seen is no entry that the model has', () => {
  expect(madeUpPath(new Identities(), `w/index/${HEX}`)).toBeNull();
});

test.each([
  ['w/work/#1f', 'w/work/#'],
  ['w/index/#1f', 'w/index/#'],
  ['w/work/#1g', null],
  ['u/#1f', null],
  [`u/${HEX}`, null],
  ['w/index/abcd', null],
])('on disk %s is what the model calls %s', (path, ours) => {
  expect(madeUpPath(knowing(12), path)).toBe(ours);
});
