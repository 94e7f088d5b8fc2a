import { expect, test } from 'vitest';
import { connect } from '../connect.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { startBareExecutor } from './bare-executor.ts';

const TIMEOUT_MS = 20_000;
const HOW = { errno: 16, timeoutMs: 1000 };

test('what is repeated is one call', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const whole = new ProgramBuilder();
  whole.callUntilNot(HOW, 'umask', [0]);
  const until = whole.finish().subarray(0, 8);
  await expect(connection.execute(until)).rejects.toThrow('no call to repeat at byte 8');
  const closing = new ProgramBuilder();
  closing.close(0);
  for (const other of [closing.finish(), until]) {
    const program = Buffer.concat([until, other]);
    await expect(connection.execute(program)).rejects.toThrow('only calls are repeated at byte 8');
  }
});

test('a wait is nobody’s call, and before the one that it is for', () => {
  const program = new ProgramBuilder();
  program.close(0);
  program.callUntilNot(HOW, 'umask', [0]);
  expect(program.instructions).toBe(2);
  expect([...program.aside]).toEqual([1]);
});
