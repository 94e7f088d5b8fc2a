import { expect, test } from 'vitest';
import { handleIno } from './handle.ts';

const UUID = 'u'.repeat(16);
/** Generation, then the inode number 0x2_0000_0111 as tmpfs writes it. */
const FID = '\x09\0\0\0\x11\x01\0\0\x02\0\0\0';
const HANDLE = `\0\xfb\x21\0\x01${UUID}${FID}`;

test('a file handle of an object on tmpfs tells its inode number', () => {
  expect(handleIno(HANDLE)).toBe(0x2_0000_0111);
});

test.each([
  ['a byte is missing', HANDLE.slice(0, -1)],
  ['the version is another', `\x01${HANDLE.slice(1)}`],
  ['the magic is another', `\0\xfa${HANDLE.slice(2)}`],
  ['the length is a lie', `\0\xfb\x20${HANDLE.slice(3)}`],
  ['the file system is no tmpfs', `${HANDLE.slice(0, 4)}\x02${HANDLE.slice(5)}`],
  ['it is empty', ''],
])('it is no handle that can be read when %s', (_, value) => {
  expect(handleIno(value)).toBeNull();
});

test('most file systems have handles of a number of 32 bits and its generation', () => {
  expect(handleIno(`\0\xfb\x1d\0\x01${UUID}\x11\x01\0\0\x09\0\0\0`)).toBe(0x111);
});
