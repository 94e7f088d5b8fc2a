import { Duplex, PassThrough, duplexPair } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { limitWrites } from './credited-channel.ts';

const CREDIT = { windowBytes: 3, grantBytes: 2 };

test('no more is written than is granted, and all of it in the end', async () => {
  const [ours, theirs] = duplexPair();
  const grants = new PassThrough();
  const limited = limitWrites(ours, grants, CREDIT);
  limited.end('abcdefgh');
  const got: string[] = [];
  theirs.on('data', (chunk: Buffer) => got.push(chunk.toString()));
  await expect.poll(() => got.join('')).toBe('abc');
  grants.write('.');
  await expect.poll(() => got.join('')).toBe('abcde');
  grants.write('....');
  await expect.poll(() => got.join('')).toBe('abcdefgh');
});

test('reading passes through to its end', async () => {
  const [ours, theirs] = duplexPair();
  const limited = limitWrites(ours, new PassThrough(), CREDIT);
  theirs.end(Buffer.alloc(200_000, 'x'));
  expect((await buffer(limited)).length).toBe(200_000);
});

test('a channel that breaks breaks the limited one', async () => {
  const ours = new Duplex({ read: () => undefined, write: () => undefined });
  const limited = limitWrites(ours, new PassThrough(), CREDIT);
  const broken = new Promise((resolve) => limited.once('error', resolve));
  ours.destroy(new Error('reset'));
  expect(String(await broken)).toContain('reset');
});
