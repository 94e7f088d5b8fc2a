import { expect, test } from 'vitest';
import { Identities } from './identities.ts';
import { inoOn, inoWithFsid } from './ino.ts';

test('a number of the kernel stands for one inode of the model, and the other way round', () => {
  const identities = new Identities();
  expect(identities.agree(1, 100)).toBe(true);
  expect(identities.agree(1, 100)).toBe(true);
  expect(identities.agree(1, 101)).toBe(false);
  expect(identities.agree(2, 100)).toBe(false);
  expect(identities.agree(2, 101)).toBe(true);
});

test('a pair that disagrees binds nothing', () => {
  const identities = new Identities();
  identities.agree(1, 100);
  identities.agree(2, 100);
  expect(identities.agree(2, '9223372036854775861')).toBe(true);
  expect(identities.say('9223372036854775861')).toBe('inode 2');
  expect(identities.say(999)).toBe('an inode never seen');
});

test('file systems number their inodes without regard to each other', () => {
  const identities = new Identities();
  expect(identities.agree(1, 100)).toBe(true);
  expect(identities.agree(inoOn(1, 1), 100)).toBe(true);
  expect(identities.agree(inoOn(1, 2), 100)).toBe(false);
  identities.forget(1);
  expect(identities.agree(inoOn(1, 2), 100)).toBe(true);
  expect(identities.agree(1, 101)).toBe(false);
});

test('a number that was given anew may still be that of its first owner in a name', () => {
  const identities = new Identities((owner) => owner === 1);
  expect(identities.agree(1, 100)).toBe(true);
  expect(identities.agree(2, 100)).toBe(true);
  expect(identities.agree(3, 100)).toBe(false);
  expect(identities.predictedOf(100, 'a')).toEqual([2, 1]);
  expect(identities.say(100)).toBe('inode 2');
});

test('a uuid that is new is of a file system that has none yet', () => {
  const identities = new Identities();
  const [first, second] = [inoOn(1, 5), inoOn(2, 6)];
  expect(identities.agree(first, 12)).toBe(true);
  expect(identities.agree(second, 12)).toBe(true);
  expect(identities.predictedOf(12, 'a')).toEqual([first, second]);
  expect(identities.agreeHandle(first, 12, 'a')).toBe(true);
  expect(identities.predictedOf(12, 'a')).toEqual([first]);
  expect(identities.predictedOf(12, 'b')).toEqual([second]);
});

test('a number with the id of a file system is known without it, too', () => {
  const identities = new Identities();
  const ino = inoOn(2, 7);
  expect(identities.agree(ino, 0x35)).toBe(true);
  expect(identities.agree(inoWithFsid(ino, 1, 2), '9223372036854775861')).toBe(true);
  expect(identities.agree(inoWithFsid(ino, 1, 32), 0x2_0000_0035)).toBe(true);
  expect(identities.agree(inoWithFsid(ino, 2, 32), 0x2_0000_0035)).toBe(false);
});
