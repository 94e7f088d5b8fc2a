import { expect, test } from 'vitest';
import { connect } from '../connect.ts';
import { AT_FDCWD } from '../constants.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { ResultsReader } from '../protocol/results.ts';
import { startBareExecutor } from './bare-executor.ts';

// The executor in namespaces of this kernel: needs root.

const TIMEOUT_MS = 20_000;
const EINVAL = 22;
const SLOT = 3;
const O_CREAT = 0o100;
const STATX_BYTES = 256;
const STATX_UID_AT = 20;
const AT_EMPTY_PATH = 0x1000;
const MAPS = { uidMap: '0 1000 1', gidMap: '0 1000 1' };
const TMPFS = { input: 'tmpfs\0' };

test('calls apart are made by root of a user namespace, whose files are ours', async () => {
  await using executor = await startBareExecutor(['--namespace']);
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const program = new ProgramBuilder();
  const base = { input: '/b\0' };
  program.call('mount', [TMPFS, base, TMPFS, 0, { input: 'mode=777\0' }]);
  program.apart(MAPS, () => {
    program.call('setresgid', [0, 0, 0]);
    program.call('setresuid', [0, 0, 0]);
    program.call('openat', [AT_FDCWD, { input: '/b/f\0' }, O_CREAT, 0o600], SLOT);
    // Root of the machine is nobody in there.
    program.call('setresuid', [1, 1, 1]);
    program.call('umount2', [base, 0]);
  });
  const statx = { struct: STATX_BYTES };
  program.call('statx', [{ slot: SLOT }, { input: '\0' }, AT_EMPTY_PATH, 0x7ff, statx]);
  program.close(SLOT);
  program.call('umount2', [base, 0]);
  const results = new ResultsReader(await connection.execute(program.finish()));
  const values = Array.from({ length: 7 }, () => results.call().value);
  // What was mounted outside of it cannot be taken away.
  expect(values).toEqual([0, 0, 0, 0, expect.any(Number), -EINVAL, -EINVAL]);
  const { value, outputs } = results.call();
  expect(value).toBe(0);
  expect(outputs[0]?.readUInt32LE(STATX_UID_AT)).toBe(1000);
  expect(results.call().value).toBe(0);
  expect(results.call().value).toBe(0);
});

test('a map that is refused keeps the calls from being made', async () => {
  await using executor = await startBareExecutor(['--namespace']);
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const program = new ProgramBuilder();
  program.apart({ ...MAPS, gidMap: '0 0 0' }, () => {
    program.call('umask', [0o77]);
  });
  program.call('umask', [0]);
  const results = new ResultsReader(await connection.execute(program.finish()));
  expect([results.call().value, results.call().value]).toEqual([-EINVAL, -EINVAL]);
  expect(results.call().value).toBe(0);
});
