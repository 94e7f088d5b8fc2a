import { expect, test } from 'vitest';
import { connect } from '../connect.ts';
import { INSTRUCTION } from '../protocol/protocol.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { ResultsReader } from '../protocol/results.ts';
import { startBareExecutor } from './bare-executor.ts';

const TIMEOUT_MS = 20_000;
const ENOSYS = 38;
const MAPS = { uidMap: '0 0 1', gidMap: '0 0 1' };

/** Two calls apart, and one after them that is not. */
function programApart(): ProgramBuilder {
  const program = new ProgramBuilder();
  program.apart(MAPS, () => {
    program.call('umask', [0]);
    program.call('umask', [0]);
  });
  program.call('umask', [0]);
  return program;
}

test('calls that cannot run apart fail, and those after them do not', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const results = new ResultsReader(await connection.execute(programApart().finish()));
  // The maps themselves, then each call.
  for (let call = 0; call < 4; call++) expect(results.call().value).toBe(-ENOSYS);
  expect(results.isAtEnd).toBe(true);
});

test('what is aside is not told unless it fails', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const program = programApart();
  expect(program.instructions).toBe(3);
  expect([...program.aside]).toEqual([0]);
  const results = new ResultsReader(await connection.execute(program.finish()), program.aside);
  expect(() => results.call()).toThrow(`errno ${ENOSYS}`);
});

test('nothing but calls runs apart, and as many as are announced', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const closing = new ProgramBuilder();
  closing.apart(MAPS, () => {
    closing.close(0);
  });
  await expect(connection.execute(closing.finish())).rejects.toThrow('only calls run apart');
  const nested = new ProgramBuilder();
  nested.apart(MAPS, () => {
    nested.apart(MAPS, () => {
      nested.call('umask', [0]);
    });
  });
  await expect(connection.execute(nested.finish())).rejects.toThrow('only calls run apart');
  const short = programApart().finish();
  short.writeUInt32LE(INSTRUCTION.apart | (9 << 8), 0);
  await expect(connection.execute(short)).rejects.toThrow('too few calls to run apart');
});
