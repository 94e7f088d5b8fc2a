import { describe, expect, test } from 'vitest';
import { ERRNO } from '../model/errno.ts';
import type { Step } from '../model/ops/index.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { DEFAULT_OPTIONS, scenarioAt } from '../properties/scenarios.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { bytesOf, INSTRUCTION, offsetsOf, padded, STRUCTS } from './protocol/protocol.ts';
import { readProgram } from './protocol/read-program.ts';
import type { Instruction } from './protocol/read-program.ts';

/** What an instruction returns here: a number and what it wrote; all else is 0 and zeros. */
interface Answer {
  readonly value: number;
  readonly output?: Buffer;
}

type Answers = (instruction: Instruction, index: number) => Answer | undefined;

const RESULT = offsetsOf(STRUCTS.result);
const CHANGES = offsetsOf(STRUCTS.changes);
const WITH_OUTPUT: readonly string[] = ['output', 'inout', 'struct', 'keep'];

/** The results of a program for which all goes well but what is answered otherwise. */
function resultsOf(program: Buffer, answers: Answers = () => undefined): Buffer {
  return Buffer.concat(
    readProgram(program).flatMap((instruction, index) =>
      resultOf(instruction, answers(instruction, index) ?? { value: 0 }),
    ),
  );
}

function resultOf(instruction: Instruction, { value, output }: Answer): Buffer[] {
  if (instruction.op === 'dump') {
    const changes = Buffer.alloc(bytesOf(STRUCTS.changes));
    changes.writeUInt8(INSTRUCTION.dump);
    changes.writeBigInt64LE(BigInt(value), CHANGES.error);
    return [changes];
  }
  const isCall = instruction.op === 'call';
  const places = isCall ? instruction.args.filter(({ kind }) => WITH_OUTPUT.includes(kind)) : [];
  const head = Buffer.alloc(bytesOf(STRUCTS.result));
  head.writeUInt8(isCall ? INSTRUCTION.call : INSTRUCTION.close);
  head.writeUInt8(places.length, RESULT.outputs);
  head.writeBigInt64LE(BigInt(value), RESULT.value);
  return [head, ...places.flatMap(({ kind, bytes }) => outputOf(kind, bytes, value, output))];
}

function outputOf(kind: string, room: number, value: number, output?: Buffer): Buffer[] {
  const isTold = value >= 0 || kind === 'keep';
  const bytes = !isTold ? 0 : kind === 'output' ? Math.min(value, room) : room;
  const length = Buffer.alloc(8);
  length.writeUInt32LE(bytes);
  const data = Buffer.alloc(padded(bytes));
  output?.copy(data, 0, 0, bytes);
  return [length, data];
}

function scenario(steps: readonly Step[]): Scenario {
  const xattrs = { 'user.a': '1' };
  const layers = [{ role: 'lower', entries: [{ path: 'f', type: 'file', xattrs }] }] as const;
  return { base: 'tmpfs', layers, options: '', steps };
}

/** What a step returns when its system call of this name gives the answer. */
function observe(step: Step, call: string, answer: Answer): unknown {
  const encoded = encode(scenario([step]));
  let lastOfName = -1;
  for (const [index, instruction] of readProgram(encoded.program).entries()) {
    if (instruction.op === 'call' && instruction.call === call) lastOfName = index;
  }
  expect(lastOfName).toBeGreaterThan(encoded.mountAt);
  const payload = resultsOf(encoded.program, (_, index) =>
    index === lastOfName ? answer : undefined,
  );
  return decode(encoded, payload)[1]?.result;
}

test('encoder and decoder agree on every instruction of every scenario', () => {
  for (let index = 0; index < 300; index++) {
    const drawn = withEpilogue(scenarioAt(3, index, { options: DEFAULT_OPTIONS, stepCount: 40 }));
    const encoded = encode(drawn);
    const trace = decode(encoded, resultsOf(encoded.program));
    expect(trace).toHaveLength(drawn.steps.length + 1);
    const payload = resultsOf(encoded.program);
    expect(() => decode(encoded, Buffer.concat([payload, Buffer.alloc(16, 2)]))).toThrow(
      expect.objectContaining({ reason: 'wrong-protocol' }),
    );
  }
});

test('every step has the clocks that were read around it', () => {
  const encoded = encode(scenario([{ op: 'syncfs', args: { fd: 0 } }]));
  let clock = 0;
  const payload = resultsOf(encoded.program, (instruction) => {
    if (instruction.op !== 'call' || instruction.call !== 'clock_gettime') return undefined;
    const output = Buffer.alloc(16);
    output.writeBigInt64LE(BigInt(++clock));
    output.writeBigInt64LE(5n, 8);
    return { value: 0, output };
  });
  const clocks = decode(encoded, payload).map(({ before, after }) => [before.sec, after.sec]);
  expect(clocks).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('a clock that is set for each step must take it', () => {
  const encoded = encode(scenario([{ op: 'syncfs', args: { fd: 0 } }]), { setsClock: true });
  const times = readProgram(encoded.program).flatMap((instruction) => {
    if (instruction.op !== 'call' || instruction.call !== 'clock_settime') return [];
    return [Buffer.from(instruction.args[1]?.data ?? '', 'latin1').readBigInt64LE()];
  });
  expect(times).toEqual([1_800_000_000n, 1_800_000_100n]);
  expect(decode(encoded, resultsOf(encoded.program))).toHaveLength(2);
  const refused = resultsOf(encoded.program, (instruction) => {
    const isIt = instruction.op === 'call' && instruction.call === 'clock_settime';
    return isIt ? { value: -ERRNO.EPERM } : undefined;
  });
  expect(() => decode(encoded, refused)).toThrow('clock_settime');
});

describe('results', () => {
  const stat = { op: 'stat', args: { path: 'f', flags: [] } } as const;
  const list = { op: 'getdents', args: { fd: 0, size: 300 } } as const;
  const entry = (name: string, ino: bigint, type: number): Buffer => {
    const bytes = Buffer.alloc(padded(20 + name.length));
    bytes.writeBigUInt64LE(ino);
    bytes.writeUInt16LE(bytes.length, 16);
    bytes.writeUInt8(type, 18);
    bytes.write(name, 19, 'latin1');
    return bytes;
  };

  test('an errno has its name, or its number when it has none', () => {
    const step = { op: 'unlink', args: { path: 'f' } } as const;
    const failed = { value: -ERRNO.EISDIR };
    expect(observe(step, 'unlinkat', failed)).toEqual({ ok: false, errno: 'EISDIR' });
    expect(observe(step, 'unlinkat', { value: -130 })).toEqual({ ok: false, errno: 130 });
  });

  test('statx is read field by field', () => {
    const output = Buffer.alloc(256);
    const fields = [16, 20, 24, 72, 104, 120, 128, 132, 136, 140];
    for (const at of fields) output.writeUInt32LE(1000 + at, at);
    output.writeUInt16LE(0o100644, 28);
    for (const at of [32, 40, 48, 64, 96, 112]) output.writeBigInt64LE(BigInt(2000 + at), at);
    expect(observe(stat, 'statx', { value: 0, output })).toEqual({
      ok: true,
      value: {
        mode: 0o100644,
        nlink: 1016,
        uid: 1020,
        gid: 1024,
        ino: 2032,
        size: 2040,
        blocks: 2048,
        atime: { sec: 2064, nsec: 1072 },
        ctime: { sec: 2096, nsec: 1104 },
        mtime: { sec: 2112, nsec: 1120 },
        rdev: { major: 1128, minor: 1132 },
        flags: 0,
        dev: '1136:1140',
      },
    });
  });

  test('an inode number with high bits keeps every digit, in statx as in listings', () => {
    const [one, other] = [0x8000_0000_0000_0001n, 0x8000_0000_0000_0002n];
    const inoOf = (ino: bigint): unknown => {
      const output = Buffer.alloc(256);
      output.writeBigUInt64LE(ino, 32);
      return observe(stat, 'statx', { value: 0, output });
    };
    expect(inoOf(one)).toMatchObject({ value: { ino: '9223372036854775809' } });
    expect(inoOf(one)).not.toEqual(inoOf(other));
    const listed = entry('a', one, 8);
    expect(observe(list, 'getdents64', { value: listed.length, output: listed })).toEqual({
      ok: true,
      value: { entries: [{ name: 'a', ino: '9223372036854775809', type: 8 }] },
    });
  });

  test('a listing is read to its end, and a torn one is trouble of ours', () => {
    const output = Buffer.concat([entry('.', 1n, 4), entry('long-name\xff', 2n, 8)]);
    expect(observe(list, 'getdents64', { value: output.length, output })).toEqual({
      ok: true,
      value: {
        entries: [
          { name: '.', ino: 1, type: 4 },
          { name: 'long-name\xff', ino: 2, type: 8 },
        ],
      },
    });
    expect(observe(list, 'getdents64', { value: 0 })).toEqual({ ok: true, value: { entries: [] } });
    output.writeUInt16LE(0, 16);
    expect(() => observe(list, 'getdents64', { value: output.length, output })).toThrow(
      expect.objectContaining({ reason: 'wrong-protocol' }),
    );
  });

  test('a call without room for a value tells its length', () => {
    const step = { op: 'getxattr', args: { path: 'f', name: 'user.a', size: 0 } } as const;
    expect(observe(step, 'getxattr', { value: 3 })).toEqual({ ok: true, value: '???' });
    const roomy = { ...step, args: { ...step.args, size: 5 } };
    const answer = { value: 3, output: Buffer.from('ab\0') };
    expect(observe(roomy, 'getxattr', answer)).toEqual({ ok: true, value: 'ab\0' });
    expect(observe(roomy, 'getxattr', { value: 0 })).toEqual({ ok: true, value: '' });
  });

  test('a file handle has a type, and as many bytes as it says', () => {
    const step = {
      op: 'encodeHandle',
      args: { handle: 0, path: 'f', flags: [], size: 8 },
    } as const;
    const output = Buffer.from([3, 0, 0, 0, 0xf8, 0, 1, 0, 97, 98, 99, 100]);
    expect(observe(step, 'name_to_handle_at', { value: 0, output })).toEqual({
      ok: true,
      value: { type: 0x100f8, bytes: 'abc' },
    });
  });

  test('names of xattrs and the numbers of statfs are found', () => {
    const names = Buffer.from('user.a\0trusted.b\0');
    const listing = { op: 'listxattr', args: { path: 'f', size: 64 } } as const;
    expect(observe(listing, 'listxattr', { value: names.length, output: names })).toEqual({
      ok: true,
      value: ['user.a', 'trusted.b'],
    });
    const output = Buffer.alloc(120);
    output.writeBigInt64LE(0x794c7630n, 0);
    output.writeBigInt64LE(255n, 64);
    const statfs = { op: 'statfs', args: { path: 'f' } } as const;
    expect(observe(statfs, 'statfs', { value: 0, output })).toEqual({
      ok: true,
      value: { type: 0x794c7630, nameBytesMax: 255, fsid: 'of the layer', counts: 'of the layer' },
    });
  });

  test('what a mount shows is in its own line in mountinfo, layers apart', () => {
    const layers = 'lowerdir=/b/s/l0,upperdir=/b/s/u,workdir=/b/s/w';
    const output = Buffer.from(
      [
        '20 1 0:19 / / rw - tmpfs tmpfs rw,size=1k',
        '22 20 0:21 / /b/m/x rw - overlay overlay rw,other=on',
        `21 20 0:20 / /b/m rw,nodev,noatime - overlay overlay rw,${layers},index=off,xino=off`,
      ].join('\n'),
    );
    expect(observe({ op: 'remount', args: {} }, 'read', { value: output.length, output })).toEqual({
      ok: true,
      value: {
        layers: ['rw', 'lowerdir=l0', 'upperdir=u', 'workdir=w'],
        options: ['index=off', 'xino=off'],
      },
    });
  });
});

describe('what fails', () => {
  test('a handle that has no room tells how much it would take', () => {
    const args = { handle: 0, path: 'f', flags: [], size: 0 } as const;
    const output = Buffer.from('24000000ff000000', 'hex');
    const observed = observe({ op: 'encodeHandle', args }, 'name_to_handle_at', {
      value: -ERRNO.EOVERFLOW,
      output,
    });
    const told = 'handle_bytes=36, handle_type=0xff';
    expect(observed).toEqual({ ok: false, errno: 'EOVERFLOW', told });
  });

  const remounts = encode(withEpilogue(scenario([])));
  const failing =
    (call: string, errno: number, is: (index: number) => boolean): Answers =>
    (instruction, index) =>
      instruction.op === 'call' && instruction.call === call && is(index)
        ? { value: -errno }
        : undefined;
  const run = (answers: Answers): ReturnType<typeof decode> =>
    decode(remounts, resultsOf(remounts.program, answers));
  const lastIndex = readProgram(remounts.program).length - 1;
  const isOfRemount = (index: number): boolean =>
    index > remounts.mountAt && index <= lastIndex - remounts.teardown;
  const isTrouble = expect.objectContaining({ name: 'HarnessError', reason: 'trouble' });

  test('in the clean-up before a scenario does not matter', () => {
    const answers = failing('umount2', ERRNO.EINVAL, (index) => index < remounts.setupAt);
    expect(run(answers)).toHaveLength(3);
  });

  test('in the set-up is trouble of ours', () => {
    const setup = [...readProgram(remounts.program).keys()].slice(
      remounts.setupAt,
      remounts.mountAt,
    );
    for (const at of setup) {
      expect(() => run((_, index) => (index === at ? { value: -ERRNO.EIO } : undefined))).toThrow(
        isTrouble,
      );
    }
  });

  test('for want of user xattrs on tmpfs is no trouble; a full disk at that place is', () => {
    const [at] = remounts.refusable.keys();
    const failed = (errno: number): ReturnType<typeof decode> =>
      run((_, index) => (index === at ? { value: -errno } : undefined));
    expect(failed(ERRNO.EOPNOTSUPP)).toHaveLength(3);
    expect(() => failed(ERRNO.ENOSPC)).toThrow(isTrouble);
  });

  test('as the mount is a result, and ends the trace', () => {
    const trace = run(failing('mount', ERRNO.EINVAL, (index) => index === remounts.mountAt));
    expect(trace.map(({ result }) => result)).toEqual([{ ok: false, errno: 'EINVAL' }]);
  });

  test('as the umount or the mount of a remount is the result of that step', () => {
    const gone = run(failing('umount2', ERRNO.EINVAL, isOfRemount));
    expect(gone.at(-1)?.result).toEqual({ ok: false, errno: 'EINVAL' });
    const isRemount = (index: number): boolean => index > remounts.mountAt + 4;
    const stale = run(failing('mount', ERRNO.ESTALE, isRemount));
    expect(stale.at(-1)?.result).toEqual({ ok: false, errno: 'ESTALE' });
  });

  test('in the last clean-up is trouble, unless a mount failed before', () => {
    const lastUmounts = failing('umount2', ERRNO.EBUSY, (index) => index === lastIndex);
    expect(() => run(lastUmounts)).toThrow(isTrouble);
    const isFirstMountOrLast = (index: number): boolean =>
      index === remounts.mountAt || index === lastIndex;
    const either = (instruction: Instruction, index: number): Answer | undefined =>
      instruction.op === 'call' && isFirstMountOrLast(index) ? { value: -ERRNO.EIO } : undefined;
    expect(run(either).map(({ result }) => result.ok)).toEqual([false]);
  });

  test('as an umount that stays busy is a result; one that is busy for a moment is trouble', () => {
    const fromRemountOn = failing('umount2', ERRNO.EBUSY, (index) => index > remounts.mountAt);
    expect(run(fromRemountOn).at(-1)?.result).toEqual({ ok: false, errno: 'EBUSY' });
    expect(() => run(failing('umount2', ERRNO.EBUSY, isOfRemount))).toThrow(isTrouble);
  });

  test('as an umount is tried once for each mount, and then for what is below them', () => {
    const umounts = readProgram(remounts.program).slice(-remounts.teardown);
    const places = umounts.map((each) => (each.op === 'call' ? each.args[0]?.data : undefined));
    // Mapped memory is unmapped first.
    expect(places.shift()).toBe('');
    expect(places).toEqual(['/b/m\0', '/b/m\0', '/b\0']);
  });

  test('as a dump is noted, but a dump that is too large is trouble of ours', () => {
    const dumps =
      (tree: number, errno: number): Answers =>
      (instruction) =>
        instruction.op === 'dump' && instruction.tree === tree ? { value: -errno } : undefined;
    expect(run(dumps(0, ERRNO.EIO))[0]).toMatchObject({ merged: null, treeError: ERRNO.EIO });
    expect(run(dumps(1, ERRNO.EIO))[0]).toMatchObject({ base: null, treeError: ERRNO.EIO });
    expect(run(() => undefined)[0]).toMatchObject({ treeError: 0 });
    expect(() => run(dumps(1, ERRNO.E2BIG))).toThrow(isTrouble);
  });
});

describe('a server that is started again between steps', () => {
  const steps: readonly Step[] = [
    { op: 'nfsMount', args: { version: 'nfs42' } },
    { op: 'outsideOpen', args: { outside: 0, place: 'nfs', path: 'f', access: 'ro' } },
    { op: 'outsideClose', args: { outside: 0 } },
    { op: 'mkdir', args: { path: 'd', mode: 0o755 } },
  ];
  const encoded = encode(scenario(steps));
  const mounts = [...readProgram(encoded.program).entries()].flatMap(([index, instruction]) => {
    const isMount = instruction.op === 'call' && instruction.call === 'mount';
    return isMount && instruction.args[2]?.data === 'nfs4\0' ? [index] : [];
  });
  const refusing = (refused: readonly number[]): ReturnType<typeof decode> =>
    decode(
      encoded,
      resultsOf(encoded.program, (_, index) =>
        refused.includes(index) ? { value: -ERRNO.EINVAL } : undefined,
      ),
    );

  test('is mounted once more, or that is trouble of ours', () => {
    expect(mounts).toHaveLength(2);
    const again = mounts.slice(1);
    expect(() => refusing(again)).toThrow('the mount by NFS once more failed with EINVAL');
    expect(refusing([])[1]?.result).toEqual({ ok: true, value: null });
  });

  test('is refused again what it was refused', () => {
    expect(refusing(mounts)[1]?.result).toEqual({ ok: false, errno: 'EINVAL' });
  });
});
