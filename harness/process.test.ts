import { once } from 'node:events';
import { expect, test } from 'vitest';
import { findOnPath, run, runBytes, runChecked, start, startTimeOf } from './process.ts';

const IGNORE_ALL_BUT_OUTPUT = ['ignore', 'pipe', 'ignore'] as const;

test('a command tells its status and what it printed', async () => {
  expect(await run('sh', ['-c', 'echo out; echo err >&2; exit 3'])).toEqual({
    exitCode: 3,
    stdout: 'out',
    stderr: 'err',
  });
});

test('a command that does not exist has the status that a shell gives', async () => {
  expect((await run('no-such-command-here', [])).exitCode).toBe(127);
});

test('a command that takes too long, or is told to stop, is ended', async () => {
  const late = run('sleep', ['60'], { timeoutMs: 50 });
  await expect(late).rejects.toMatchObject({ reason: 'timeout' });
  const stopped = run('sleep', ['60'], { signal: AbortSignal.timeout(50) });
  await expect(stopped).rejects.toMatchObject({ reason: 'aborted' });
});

test('a command that has to succeed says why it did not', async () => {
  const failing = runChecked('sh', ['-c', 'echo broken >&2; exit 1']);
  await expect(failing).rejects.toThrow(/sh failed with 1: broken/);
});

test('bytes come as they are', async () => {
  expect([...(await runBytes('printf', [String.raw`\377\000\n`]))]).toEqual([255, 0, 10]);
});

test('a process that has printed before we listen is heard all the same', async () => {
  await using early = await start('sh', ['-c', 'echo early; sleep 60'], IGNORE_ALL_BUT_OUTPUT);
  await run('sleep', ['0.1']);
  const output = early.readable(1);
  output.resume();
  expect(String(await once(output, 'data'))).toBe('early\n');
});

test('a process ends with all its children when it is disposed', async () => {
  const parent = await start('sh', ['-c', 'sleep 60 & echo $!; wait'], IGNORE_ALL_BUT_OUTPUT);
  const output = parent.readable(1);
  output.resume();
  const child = Number(String(await once(output, 'data')));
  expect(startTimeOf(child)).not.toBeNull();
  await parent[Symbol.asyncDispose]();
  await expect.poll(() => startTimeOf(child)).toBeNull();
});

test('an extra descriptor is a socket that goes both ways', async () => {
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe'] as const;
  await using echo = await start('sh', ['-c', 'cat <&3 >&3'], stdio);
  const channel = echo.duplex(3);
  channel.resume();
  channel.write('echo');
  expect(String(await once(channel, 'data'))).toBe('echo');
});

test('programs are found on the path, and their start times by number', async () => {
  expect(await findOnPath('sh')).toMatch(/^\/.*sh$/);
  expect(await findOnPath('no-such-command-here')).toBeNull();
  expect(startTimeOf(process.pid)).toMatch(/^\d+$/);
  expect(startTimeOf(2 ** 30)).toBeNull();
});
