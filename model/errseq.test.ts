import { expect, test } from 'vitest';
import { asSeen, errorSince, NO_ERROR, sampleOf, withError } from './errseq.ts';

const first = withError(NO_ERROR, 'EIO');

test('who looked before an error is told of it, and once he was told no more', () => {
  const before = sampleOf(NO_ERROR);
  expect(errorSince(first, before)).toBe('EIO');
  expect(errorSince(asSeen(first), asSeen(first))).toBeNull();
});

test('who begins to look after an error is told of it only while nobody else was', () => {
  expect(errorSince(first, sampleOf(first))).toBe('EIO');
  expect(errorSince(asSeen(first), sampleOf(asSeen(first)))).toBeNull();
});

test('the same error again is a new one, if somebody was told of the last', () => {
  const again = withError(asSeen(first), 'EIO');
  expect(errorSince(again, asSeen(first))).toBe('EIO');
  expect(withError(first, 'EIO')).toEqual(first);
});

test('of two errors that nobody was told of the last is told', () => {
  expect(errorSince(withError(first, 'ENOSPC'), NO_ERROR)).toBe('ENOSPC');
});
