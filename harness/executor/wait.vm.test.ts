import { expect, test } from 'vitest';
import { ERRNO } from '../../model/errno.ts';
import { connect } from '../connect.ts';
import { AT_FDCWD } from '../constants.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { ResultsReader } from '../protocol/results.ts';
import { startBareExecutor } from './bare-executor.ts';

const TIMEOUT_MS = 20_000;
const MNT_EXPIRE = 4;
const WHERE = { input: '/b\0' };

/** Runs a program; what it brought back, and how long it took. */
async function run(program: ProgramBuilder): Promise<[results: ResultsReader, tookMs: number]> {
  await using executor = await startBareExecutor(['--namespace']);
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const before = performance.now();
  const payload = await connection.execute(program.finish());
  return [new ResultsReader(payload, program.aside), performance.now() - before];
}

test('a call is repeated until it does not fail in that way any more', async () => {
  const program = new ProgramBuilder();
  const tmpfs = { input: 'tmpfs\0' };
  program.call('mount', [tmpfs, WHERE, tmpfs, 0, 0]);
  // The first one only marks the mount.
  const marked = { errno: ERRNO.EAGAIN, timeoutMs: TIMEOUT_MS };
  program.callUntilNot(marked, 'umount2', [WHERE, MNT_EXPIRE]);
  program.callUntilNot(marked, 'umount2', [WHERE, MNT_EXPIRE]);
  const [results] = await run(program);
  for (const value of [0, 0, -ERRNO.EINVAL]) expect(results.call().value).toBe(value);
  expect(results.isAtEnd).toBe(true);
});

test('a wait that is in vain ends, and is trouble of ours whatever the call was for', async () => {
  const timeoutMs = 50;
  const program = new ProgramBuilder();
  program.callUntilNot({ errno: ERRNO.ENOENT, timeoutMs }, 'unlinkat', [
    ...[AT_FDCWD, { input: '/b/none\0' }, 0],
  ]);
  const [results, tookMs] = await run(program);
  expect(tookMs).toBeGreaterThanOrEqual(timeoutMs);
  expect(() => results.call()).toThrow(expect.objectContaining({ reason: 'trouble' }));
  expect(results.call().value).toBe(-ERRNO.ENOENT);
});
