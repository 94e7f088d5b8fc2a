import { release } from 'node:os';
import { Duplex, PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { connect } from './connect.ts';
import { HarnessError } from './errors.ts';
import { startBareExecutor } from './executor/bare-executor.ts';
import { PROTOCOL_HASH } from './protocol/c-header.ts';
import { writeFrame } from './protocol/frames.ts';
import { ProgramBuilder } from './protocol/program.ts';
import { bytesOf, FRAME, STRUCTS } from './protocol/protocol.ts';
import { ResultsReader } from './protocol/results.ts';

const SHORT_MS = 200;
const LONG_MS = 10_000;

test('the handshake tells the kernel, and a ping shakes hands again', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/']);
  const connection = await connect(executor.channel, { timeoutMs: LONG_MS });
  expect(connection.release).toBe(release());
  expect(connection.setUpMs).toBeLessThan(LONG_MS);
  await connection.ping({ setsClock: true });
});

test('programs in flight are answered in order, each with its own results', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/']);
  const connection = await connect(executor.channel, { timeoutMs: LONG_MS });
  const lengths = Array.from({ length: 200 }, (_, index) => index % 50);
  const order: number[] = [];
  const answers = lengths.map(async (length, index) => {
    const program = new ProgramBuilder();
    for (let call = 0; call < length; call++) program.close(call);
    const results = new ResultsReader(await connection.execute(program.finish()));
    order.push(index);
    let count = 0;
    for (; !results.isAtEnd; count++) results.call();
    return count;
  });
  expect(await Promise.all(answers)).toEqual(lengths);
  expect(order).toEqual(lengths.map((_, index) => index));
});

test('a program that the executor refuses is told with its place, and others go on', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/']);
  const connection = await connect(executor.channel, { timeoutMs: LONG_MS });
  const good = new ProgramBuilder();
  good.close(1);
  const bad = Buffer.concat([good.finish(), Buffer.alloc(8, 0xff)]);
  const answer = connection.execute(bad);
  const next = connection.execute(good.finish());
  await expect(answer).rejects.toThrow('no such instruction at byte 8');
  expect(new ResultsReader(await next).call().value).toBeLessThan(0);
});

test('all that is pending is lost with the channel', async () => {
  const channel = silentPeer((peer) => {
    writeFrame(peer, FRAME.hello, 0, hello(PROTOCOL_HASH));
  });
  const connection = await connect(channel, { timeoutMs: LONG_MS });
  const pending = [1, 2, 3].map(() => reasonOf(connection.execute(Buffer.alloc(0))));
  channel.destroy();
  expect(await Promise.all(pending)).toEqual(['lost', 'lost', 'lost']);
});

test('a channel that was closed before is lost', async () => {
  const channel = silentPeer(() => undefined);
  channel.destroy();
  expect(await reasonOf(connect(channel, { timeoutMs: LONG_MS }))).toBe('lost');
});

test('nothing can be run once the executor is gone', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/']);
  const connection = await connect(executor.channel, { timeoutMs: LONG_MS });
  executor.kill();
  await executor.exited;
  expect(await reasonOf(connection.execute(Buffer.alloc(0)))).toBe('lost');
});

test('an executor of another version is wrong-protocol', async () => {
  const channel = silentPeer((peer) => {
    writeFrame(peer, FRAME.hello, 0, hello('0'.repeat(64)));
  });
  expect(await reasonOf(connect(channel, { timeoutMs: LONG_MS }))).toBe('wrong-protocol');
});

test('an executor that says nothing is a boot-timeout', async () => {
  const channel = silentPeer(() => undefined);
  expect(await reasonOf(connect(channel, { timeoutMs: SHORT_MS }))).toBe('boot-timeout');
});

test('a program that is never answered is a timeout, as are all that follow', async () => {
  const channel = silentPeer((peer) => {
    writeFrame(peer, FRAME.hello, 0, hello(PROTOCOL_HASH));
  });
  const connection = await connect(channel, { timeoutMs: LONG_MS, programTimeoutMs: SHORT_MS });
  const pending = [1, 2].map(() => reasonOf(connection.execute(Buffer.alloc(0))));
  expect(await Promise.all(pending)).toEqual(['timeout', 'timeout']);
  expect(await reasonOf(connection.execute(Buffer.alloc(0)))).toBe('timeout');
});

function hello(hash: string): Buffer {
  return Buffer.concat([
    Buffer.from(hash),
    Buffer.alloc(bytesOf(STRUCTS.hello)),
    Buffer.from('6.1\0'),
  ]);
}

/** The other end of a channel that says what it is told to, and nothing to what it hears. */
function silentPeer(speak: (peer: Duplex) => void): Duplex {
  const spoken = new PassThrough();
  const heard = new PassThrough().resume();
  speak(spoken);
  return Duplex.from({ readable: spoken, writable: heard });
}

async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    if (error instanceof HarnessError) return error.reason;
    throw error;
  }
}
