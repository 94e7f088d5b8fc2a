import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readConsole } from './console.ts';

async function collect(lines: AsyncIterable<string>): Promise<readonly string[]> {
  const collected: string[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

async function linesOf(...chunks: readonly string[]): Promise<readonly string[]> {
  const source = new PassThrough();
  const log = readConsole([source], () => undefined);
  for (const chunk of chunks) source.write(chunk);
  source.end();
  return collect(log.lines);
}

test('lines are put together from pieces, without the escapes of the firmware', async () => {
  expect(await linesOf('\u001b[2J\u001bcSea', 'BIOS\r\n[ 0.0] Li', 'nux\n')).toEqual([
    'SeaBIOS',
    '[ 0.0] Linux',
  ]);
});

test('a reader gets what was printed before and what comes after', async () => {
  const source = new PassThrough();
  const seen: string[] = [];
  const log = readConsole([source], (line) => seen.push(line));
  source.write('one\n');
  await expect.poll(() => seen).toEqual(['one']);
  const reader = log.lines[Symbol.asyncIterator]();
  expect((await reader.next()).value).toBe('one');
  const next = reader.next();
  source.write('two\n');
  expect((await next).value).toBe('two');
  source.end();
  expect((await reader.next()).done).toBe(true);
  expect(log.tail(1)).toEqual(['two']);
});

test('of a log without end the last lines are kept', async () => {
  const numbers = Array.from({ length: 10_000 }, (_, index) => `${index}\n`).join('');
  const lines = await linesOf(numbers);
  expect(lines.length).toBeLessThanOrEqual(4096);
  expect(lines.at(-1)).toBe('9999');
});

test('a console that breaks has ended', async () => {
  const source = new PassThrough();
  const log = readConsole([source], () => undefined);
  source.destroy(new Error('reset'));
  await log.closed;
  expect(await collect(log.lines)).toEqual([]);
});
