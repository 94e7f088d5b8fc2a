import { link, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { connect } from '../connect.ts';
import { readFrames, writeFrame } from '../protocol/frames.ts';
import type { Frame } from '../protocol/frames.ts';
import { pack } from '../protocol/pack.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import { ARG, CALLS, FRAME, INSTRUCTION, LIMIT, TREE } from '../protocol/protocol.ts';
import { ResultsReader } from '../protocol/results.ts';
import { makeScratchFolder } from '../scratch.ts';
import { startBareExecutor } from './bare-executor.ts';
import type { BareExecutor } from './bare-executor.ts';
import { Content } from '../../model/sparse.ts';

// All of this runs with the sanitizers for addresses and undefined behaviour, and without calls.

const TIMEOUT_MS = 20_000;
const FRAMES = 4000;
const BAD_HEADERS = 25;
const ENOSYS = 38;
const EPERM = 1;
const EBADF = 9;

test('whatever a program is, it is answered, and the executor lives', async () => {
  await using scratch = await makeScratchFolder();
  await makeTree(scratch.path);
  await using executor = await startBareExecutor(['--parse-only', scratch.path], 'executor-asan');
  const answers = listen(executor);
  const programs = fc.sample(mangled(validProgram(scratch.path)), { seed: 7, numRuns: FRAMES });
  for (const [index, program] of programs.entries())
    writeFrame(executor.channel, FRAME.program, index + 1, program);
  executor.channel.end();
  expect(await executor.exited).toEqual({ exitCode: 0, signal: null });
  expect(await executor.said).toBe('');

  const [hello, ...rest] = await answers;
  expect(hello?.type).toBe(FRAME.hello);
  expect(rest.map(({ tag }) => tag)).toEqual(programs.map((_, index) => index + 1));
  const fatal = rest.filter(({ type }) => type === FRAME.fatal);
  const results = rest.filter(({ type }) => type === FRAME.results);
  expect(fatal.length + results.length).toBe(FRAMES);
  // A fuzz test that reaches only one of the two tests little.
  expect(Math.min(fatal.length, results.length)).toBeGreaterThan(FRAMES / 20);
  for (const { payload } of fatal) expect(payload.subarray(4).toString()).toMatch(/^[a-z ]+\0$/);
});

test('a packed program is answered like a plain one, one badly packed is refused', async () => {
  await using scratch = await makeScratchFolder();
  await makeTree(scratch.path);
  await using executor = await startBareExecutor(['--parse-only', scratch.path], 'executor-asan');
  const answers = listen(executor);
  const valid = validProgram(scratch.path);
  // The first one stamps what it reads, so that no other does.
  const programs = [valid, ...fc.sample(mangled(valid), { seed: 8, numRuns: FRAMES / 8 })];
  const broken = fc.sample(mangled(pack(valid)), { seed: 9, numRuns: FRAMES / 4 });
  for (const [index, program] of programs.entries()) {
    writeFrame(executor.channel, FRAME.program, 2 * index, program);
    writeFrame(executor.channel, FRAME.packed, 2 * index + 1, pack(program));
  }
  for (const bytes of broken) writeFrame(executor.channel, FRAME.packed, 0, bytes);
  executor.channel.end();
  expect(await executor.exited).toEqual({ exitCode: 0, signal: null });
  expect(await executor.said).toBe('');

  const [, ...rest] = await answers;
  expect(rest).toHaveLength(2 * programs.length + broken.length);
  for (let at = 1; at < programs.length; at++) {
    const [plain, packed] = rest.slice(2 * at, 2 * at + 2);
    expect(packed?.type).toBe(plain?.type);
    expect(packed?.payload).toEqual(plain?.payload);
  }
  const refused = rest.filter(({ payload }) => payload.includes('not packed'));
  expect(refused.length).toBeGreaterThan(broken.length / 20);
});

/** What a program of 16-bit words begins with, by what is wrong with it. */
const MALFORMED: Readonly<Record<string, readonly number[]>> = {
  'no such instruction': [0, 0, 0, 0],
  'instruction cut short': [INSTRUCTION.call, 0],
  'no such call': [INSTRUCTION.call, CALLS.length, 0, 0],
  'too many arguments': [INSTRUCTION.call | ((LIMIT.arguments + 1) << 8), 0, 0, 0],
  'call with bits that must be zero': [INSTRUCTION.call, 0, 0, 1],
  'no such slot': [INSTRUCTION.call, 0, LIMIT.slots, 0],
  'argument cut short': [INSTRUCTION.call | (1 << 8), 0, 0, 0],
  'no such kind of argument': [INSTRUCTION.call | (1 << 8), 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0],
  'argument with bits that must be zero': [
    INSTRUCTION.call | (1 << 8),
    0,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    0,
    0,
  ],
  'data cut short': [INSTRUCTION.call | (1 << 8), 0, 0, 0, ARG.input, 0, 1, 0, 0, 0, 0, 0],
  'no such place to keep': [
    ...[INSTRUCTION.call | (1 << 8), 0, 0, 0],
    ...[ARG.kept, 0, 0, 0, LIMIT.kept, 0, 0, 0],
  ],
  'too much to keep': [
    ...[INSTRUCTION.call | (1 << 8), 0, 0, 0],
    ...[ARG.keep, 0, LIMIT.keptBytes + 1, 0, 0, 0, 0, 0],
  ],
  'outputs too large': [INSTRUCTION.call | (1 << 8), 0, 0, 0, ARG.output, 0, 1, 16, 0, 0, 0, 0],
  'close with bits that must be zero': [INSTRUCTION.close, 1, 0, 0],
  'no such tree': [INSTRUCTION.dump | (LIMIT.trees << 8), 0, 1, 0, 0, 0, 0, 0],
  'dump with bits that must be zero': [INSTRUCTION.dump, 1, 1, 0, 0, 0, 0, 0],
  'tree with bits that must be zero': [
    ...[INSTRUCTION.tree | (TREE.copy << 8), 0, 2, 0],
    ...[0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
  ],
  'no such action on a tree': [
    ...[INSTRUCTION.tree | (9 << 8), 0, 2, 0],
    ...[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  ],
  'maps with bits that must be zero': [INSTRUCTION.apart, 1, 2, 0, 0, 0, 0, 0],
  'maps cut short': [INSTRUCTION.apart, 0, 9, 0, 0, 0, 0, 0],
  'maps without end': [INSTRUCTION.apart, 0, 2, 0, 0x6100, 0, 0, 0],
  'until with bits that must be zero': [INSTRUCTION.until | (1 << 8), 0, 0, 0],
  'too long a wait': [INSTRUCTION.until, 0, LIMIT.waitMs + 1, 0],
  'path cut short': [INSTRUCTION.dump, 0, 9, 0, 0, 0, 0, 0],
  'path without end': [INSTRUCTION.dump, 0, 2, 0, 0x6161, 0, 0, 0],
};

test('a malformed program is refused with a reason and a place', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  for (const [reason, words] of Object.entries(MALFORMED)) {
    const good = new ProgramBuilder();
    good.close(0);
    const bad = Buffer.from(Uint16Array.from(words).buffer);
    const answer = connection.execute(Buffer.concat([good.finish(), bad]));
    await expect(answer, reason).rejects.toThrow(`${reason} at byte 8`);
  }
  for (const slot of [LIMIT.slots, 0xffff_ffff]) {
    const program = new ProgramBuilder();
    program.close(slot);
    await expect(connection.execute(program.finish())).rejects.toThrow('no such slot at byte 0');
  }
  const long = new ProgramBuilder();
  for (let count = 0; count <= LIMIT.instructions; count++) long.close(0);
  await expect(connection.execute(long.finish())).rejects.toThrow('too many instructions');
});

test('a tree instruction names two paths', async () => {
  await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const program = new ProgramBuilder();
  program.copyTree('/a', '/b', ['xattrs', 'links']);
  const whole = program.finish();
  const results = new ResultsReader(await connection.execute(whole));
  expect(results.call().value).toBe(-ENOSYS);
  const [first, second] = [whole.indexOf('/a\0'), whole.indexOf('/b\0')];
  for (const [at, reason] of [
    [first + 2, 'path without end'],
    [second + 2, 'path without end'],
  ] as const) {
    const broken = Buffer.from(whole);
    broken[at] = 0x61;
    await expect(connection.execute(broken)).rejects.toThrow(`${reason} at byte 0`);
  }
  const short = whole.subarray(0, whole.length - 8);
  await expect(connection.execute(short)).rejects.toThrow('path cut short at byte 0');
});

test('after a header that is none, it says so and ends', async () => {
  const header = fc
    .tuple(fc.nat(0xffff_ffff), fc.nat(0xffff_ffff), fc.nat(), fc.nat(1))
    .filter(([type, bytes, , zero]) => {
      const isKnown = [FRAME.program, FRAME.packed, FRAME.ping].some((known) => known === type);
      return !isKnown || bytes > LIMIT.frameBytes || zero !== 0;
    });
  const wellKnown = [
    [FRAME.program, LIMIT.frameBytes + 1, 1, 0],
    [FRAME.program, 0, 1, 1],
    [FRAME.results, 0, 1, 0],
    [0, 0, 1, 0],
  ] as const;
  const headers = [...wellKnown, ...fc.sample(header, { seed: 3, numRuns: BAD_HEADERS })];
  for (const fields of headers) {
    await using executor = await startBareExecutor(['--parse-only', '/'], 'executor-asan');
    const answers = listen(executor);
    const bytes = Buffer.alloc(16);
    for (const [index, field] of fields.entries()) bytes.writeUInt32LE(field, 4 * index);
    executor.channel.write(bytes);
    expect(await executor.exited).toEqual({ exitCode: 0, signal: null });
    expect(await executor.said).toBe('');
    const [, fatal] = await answers;
    expect(fatal).toMatchObject({ type: FRAME.fatal, tag: fields[2] });
  }
});

test('without calls, each argument kind is built and each call fails', async () => {
  await using scratch = await makeScratchFolder();
  await using executor = await startBareExecutor(['--parse-only', scratch.path], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const results = new ResultsReader(await connection.execute(validProgram(scratch.path)));
  expect(results.call()).toEqual({ value: -ENOSYS, outputs: [] });
  const { value, outputs } = results.call();
  expect(value).toBe(-ENOSYS);
  expect(outputs.map(({ length }) => length)).toEqual([0, 0, 0]);
  // What a call was to fill comes back as it was.
  expect(results.call()).toEqual({ value: -ENOSYS, outputs: [Buffer.from('kept')] });
  // Where no call is made there is nothing to wait for.
  expect(results.call()).toEqual({ value: 0, outputs: [] });
  expect(results.call()).toEqual({ value: -ENOSYS, outputs: [] });
  expect(results.call().value).toBe(-EBADF);
  expect(results.dump().error).toBe(0);
  expect(results.dump().error).toBe(EPERM);
  expect(results.isAtEnd).toBe(true);
});

test('a dump tells everything once, and then nothing while nothing changes', async () => {
  await using scratch = await makeScratchFolder();
  await makeTree(scratch.path);
  await using executor = await startBareExecutor(['--parse-only', scratch.path], 'executor-asan');
  const connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
  const program = new ProgramBuilder();
  for (const tree of [0, 0, 3]) program.dump(tree, scratch.path);
  const results = new ResultsReader(await connection.execute(program.finish()));
  const { error, changes } = results.dump();
  expect(error).toBe(0);
  // A directory comes right before what is in it, and names in the order of their bytes.
  const names = ['', 'd', 'd/a', 'd/b', 'd!', 'd.x', 'holes', 'owner', 'sym'];
  expect([...changes.keys()]).toEqual(names);
  expect(changes.get('d/a')).toMatchObject({
    content: Content.of('text'),
    size: 4,
    nlink: 2,
    dataError: 0,
  });
  expect(changes.get('sym')).toMatchObject({ target: 'd/nowhere', content: Content.EMPTY });
  const holes = changes.get('holes');
  const text = `${'\0'.repeat(100)}in${'\0'.repeat(4998)}end`;
  expect(holes).toMatchObject({
    kind: 'node',
    size: 9000,
    content: Content.of(text.padEnd(9000, '\0')),
  });
  // Reading a symlink changes its access time where the file system keeps such times.
  const again = [...results.dump().changes.keys()].filter((path) => path !== 'sym');
  expect(again).toEqual([]);
  expect([...results.dump().changes.keys()]).toEqual(names);
});

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'd'));
  await writeFile(join(root, 'd', 'a'), 'text');
  await link(join(root, 'd', 'a'), join(root, 'd', 'b'));
  await writeFile(join(root, 'd!'), '');
  await mkdir(join(root, 'd.x'));
  await symlink('d/nowhere', join(root, 'sym'));
  const holes = Buffer.alloc(5103);
  holes.write('in', 100);
  holes.write('end', 5100);
  await writeFile(join(root, 'holes'), holes);
  await truncate(join(root, 'holes'), 9000);
}

/** One instruction of each sort, with each kind of argument. */
function validProgram(tree: string): Buffer {
  const program = new ProgramBuilder();
  program.call('openat', [-100, { input: '/some/name\0' }, 0], 3);
  program.call(
    'mount',
    [{ slot: 3 }, { output: 300 }, { struct: 7 }, { inout: Buffer.from('abc') }, 2n ** 40n],
    63,
  );
  program.call('read', [{ keep: 1, bytes: Buffer.from('kept') }]);
  program.callUntilNot({ errno: ENOSYS, timeoutMs: 1000 }, 'write', [
    { kept: 1, flips: Buffer.from('x') },
  ]);
  program.close(3);
  program.dump(0, tree);
  program.dump(1, '/');
  return program.finish();
}

/** Programs that are nearly right, and bytes that are not. */
function mangled(valid: Buffer): fc.Arbitrary<Buffer> {
  const interesting = fc.constantFrom(0, 1, 2, 3, 7, 8, 63, 64, CALLS.length, 0x7fff, 0xffff);
  const place = fc.nat(valid.length - 1);
  const edit = fc.oneof(
    fc.tuple(fc.constant('byte' as const), place, fc.oneof(fc.nat(255), interesting)),
    fc.tuple(fc.constant('word' as const), place, fc.oneof(fc.nat(0xffff_ffff), interesting)),
    fc.tuple(fc.constant('cut' as const), place, fc.constant(0)),
    fc.tuple(fc.constant('repeat' as const), place, place),
  );
  const edited = fc.array(edit, { maxLength: 3 }).map((edits) =>
    edits.reduce((program, [how, at, value]) => {
      const bytes = Buffer.from(program);
      if (how === 'cut') return bytes.subarray(0, at);
      if (how === 'repeat') return Buffer.concat([bytes, bytes.subarray(at & ~7, value)]);
      if (how === 'byte' && at < bytes.length) bytes.writeUInt8(value & 0xff, at);
      if (how === 'word' && (at & ~3) + 4 <= bytes.length) bytes.writeUInt32LE(value, at & ~3);
      return bytes;
    }, valid),
  );
  const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
  const opcodes = fc
    .array(fc.tuple(fc.nat(INSTRUCTION.until), fc.uint8Array({ minLength: 7, maxLength: 23 })), {
      maxLength: 6,
    })
    .map((parts) => Buffer.concat(parts.map(([op, rest]) => Buffer.from([op, ...rest]))));
  const calls = fc
    .tuple(fc.nat(3 * LIMIT.arguments), fc.integer({ min: -2, max: LIMIT.slots + 1 }))
    .map(([count, slot]) => {
      const program = new ProgramBuilder();
      program.call('read', Array<number>(count).fill(0), slot);
      return program.finish();
    });
  return fc.oneof({ weight: 6, arbitrary: edited }, random, opcodes, calls);
}

/** Every frame until the executor closes its end. */
function listen({ channel }: BareExecutor): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  return new Promise((resolve, reject) => {
    readFrames(
      channel,
      (frame) => frames.push(frame),
      (why) => {
        reject(new Error(why));
      },
    );
    channel.once('end', () => {
      resolve(frames);
    });
    channel.once('close', () => {
      reject(new Error('closed before its end'));
    });
  });
}
