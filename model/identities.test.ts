import { expect, test } from 'vitest';
import { Identities } from './identities.ts';

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
  expect(identities.agree(2, 'a0:7')).toBe(true);
  expect(identities.say('a0:7')).toBe('inode 2');
  expect(identities.say(999)).toBe('an inode never seen');
});
