import { expect, test } from 'vitest';
import { emptyImageOf } from './empty.ts';

const SUPERBLOCK_AT = 1024;
const MAGIC_AT = 0x38;
const UUID_AT = 0x68;

test('an image is an empty file system of its own, without its zeros', async () => {
  const [first, second] = await Promise.all([emptyImageOf('ext4', 0), emptyImageOf('ext4', 1)]);
  expect(await emptyImageOf('ext4', 0)).toBe(first);
  const head = Buffer.from(first.pieces[0]!.data, 'latin1');
  expect(head.readUInt16LE(SUPERBLOCK_AT + MAGIC_AT)).toBe(0xef53);
  const uuids = [first, second].map(({ pieces }) => {
    return pieces[0]?.data.slice(SUPERBLOCK_AT + UUID_AT, SUPERBLOCK_AT + UUID_AT + 16);
  });
  expect(uuids[0]).not.toBe(uuids[1]);
  const sent = first.pieces.reduce((sum, { data }) => sum + data.length, 0);
  expect(sent).toBeLessThan((8 * 1024 * 1024) / 50);
});
