import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { awaitHello } from './hello.ts';

function hello(release: string): Buffer {
  const payload = Buffer.from(`${'h'.repeat(32)}${release}\0`);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

test('a hello that comes in pieces is waited for, and is still there to be read', async () => {
  const channel = new PassThrough();
  const said = awaitHello(channel);
  const bytes = hello('6.1.0');
  for (const at of [0, 7, 20])
    channel.write(bytes.subarray(at, [7, 20, bytes.length][[0, 7, 20].indexOf(at)]));
  expect(await said).toBe(true);
  expect(channel.read()).toEqual(bytes);
});

test('a channel that ends before has said no hello', async () => {
  const channel = new PassThrough();
  const said = awaitHello(channel);
  channel.end(hello('6.1.0').subarray(0, 20));
  expect(await said).toBe(false);
});

test('a channel that was closed before has said no hello', async () => {
  const channel = new PassThrough();
  channel.destroy();
  expect(await awaitHello(channel)).toBe(false);
});
