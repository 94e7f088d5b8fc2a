import { expect, test } from 'vitest';
import { ERRNO } from '../model/errno.ts';
import { decodeTold } from './watch-recipe.ts';

/** struct inotify_event with a name that is padded as the kernel does it. */
function event(mask: number, cookie = 0, name = ''): Buffer {
  const padded = name === '' ? '' : name.padEnd(16, '\0');
  const head = Buffer.alloc(16);
  head.writeUInt32LE(mask, 4);
  head.writeUInt32LE(cookie, 8);
  head.writeUInt32LE(padded.length, 12);
  return Buffer.concat([head, Buffer.from(padded)]);
}

const read = (...events: readonly Buffer[]) => ({ value: 0, outputs: [Buffer.concat(events)] });
const done = { value: 0, outputs: [] };

test('events are told in order, by flags, names and cookies', () => {
  const told = [
    ...[event(0x40, 77, 'a'), event(0x80, 77, 'b'), event(0x4000_0040, 99, 'd')],
    ...[event(0x4000_0004), event(0x400), event(0x8000), event(0x10000)],
  ];
  const calls = [done, done, read(), done, read(...told), done];
  expect(decodeTold(calls)).toBe(
    'done, IN_MOVED_FROM a #1, IN_MOVED_TO b #1, IN_MOVED_FROM|IN_ISDIR d #2, ' +
      'IN_ATTRIB|IN_ISDIR, IN_DELETE_SELF, IN_IGNORED, 0x10000',
  );
});

test('the first call of a change that fails says how it went', () => {
  const failed = { value: -ERRNO.EXDEV, outputs: [] };
  const bad = { value: -ERRNO.EBADF, outputs: [] };
  expect(decodeTold([done, done, read(), failed, bad, bad, read(), done])).toBe('EXDEV');
});

test('what is told before the change is no part of it, and does not get lost', () => {
  const refused = { value: -ERRNO.EPERM, outputs: [] };
  const calls = [done, done, refused, read(event(0x4)), done, read(event(0x2)), done];
  expect(decodeTold(calls)).toBe('IN_ATTRIB, done, IN_MODIFY');
});
