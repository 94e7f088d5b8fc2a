import { constants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { ERRNO } from '../model/errno.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { LayerSpec, Scenario } from '../model/scenario.ts';
import { DEFAULT_OPTIONS, scenarioAt } from '../properties/scenarios.ts';
import { OPEN_FLAGS } from './constants.ts';
import { encode } from './encode.ts';
import type { EncodedScenario } from './encode.ts';
import { EDIT_RECIPE } from './offline-recipes.ts';
import { readProgram } from './protocol/read-program.ts';
import type { Instruction } from './protocol/read-program.ts';

const LOWER: LayerSpec = { role: 'lower', entries: [] };
const UPPER: LayerSpec = { role: 'upper', entries: [] };

function scenario(steps: readonly Step[], layers: readonly LayerSpec[] = [LOWER, UPPER]): Scenario {
  return { base: 'tmpfs', layers, options: 'index=off', steps };
}

/** An instruction as one line: constants as numbers, data quoted, room in brackets. */
function say(instruction: Instruction): string {
  if (instruction.op === 'close') return `close(slot ${instruction.slot})`;
  if (instruction.op === 'tree') {
    const { action, flags, owner, paths } = instruction;
    return `tree(${[action, flags, ...owner, ...paths].join(', ')})`;
  }
  if (instruction.op === 'apart') return `apart(${instruction.maps.join('; ')})`;
  if (instruction.op === 'until') return `until(${instruction.error}, ${instruction.milliseconds})`;
  if (instruction.op === 'dump') return `dump(${instruction.tree}, ${instruction.path})`;
  const args = instruction.args.map(({ kind, bytes, value, data }) => {
    if (kind === 'immediate') return String(value);
    if (kind === 'slot') return `slot ${value}`;
    if (kind === 'input') return JSON.stringify(data);
    if (kind === 'kept') return `kept ${value} ^ ${Buffer.from(data, 'latin1').toString('hex')}`;
    if (kind === 'keep') return `keep ${value} [${Buffer.from(data, 'latin1').readUInt32LE()}]`;
    return kind === 'inout' ? Buffer.from(data, 'latin1').toString('hex') : `[${bytes}]`;
  });
  const stored = instruction.resultSlot < 0 ? '' : ` -> slot ${instruction.resultSlot}`;
  return `${instruction.call}(${args.join(', ')})${stored}`;
}

function isClock(instruction: Instruction): boolean {
  return instruction.op === 'call' && instruction.call === 'clock_gettime';
}

/** The instructions of the first step alone: what is between the clocks, without the dumps. */
function callsOf(step: Step): string[] {
  return (stepsOf(encode(scenario([step])))[0] ?? []).map(say);
}

function stepsOf({ program, mountAt, steps }: EncodedScenario): Instruction[][] {
  const all = readProgram(program);
  const clocks = [...all.keys()].filter(
    (at) => at > mountAt && all[at] !== undefined && isClock(all[at]),
  );
  // The first clock is the one after the mount; then there are two for each step.
  return steps.map((_, index) => {
    const own = all.slice((clocks[2 * index + 1] ?? 0) + 1, clocks[2 * index + 2]);
    expect(own.slice(-2).map(say)).toEqual(['dump(0, /b/m)', 'dump(1, /b/s)']);
    return own.slice(0, -2);
  });
}

describe('a step', () => {
  test.each<readonly [Step, readonly string[]]>([
    [{ op: 'unlink', args: { path: 'a/b' } }, [String.raw`unlinkat(-100, "/b/m/a/b\u0000", 0)`]],
    [
      { op: 'open', args: { slot: 2, path: '.', flags: ['O_RDWR', 'O_CREAT'], mode: 0o644 } },
      [String.raw`openat(-100, "/b/m/.\u0000", ${2 | 0o100 | 0o2004000}, 420) -> slot 2`],
    ],
    [{ op: 'close', args: { fd: 3 } }, ['close(slot 3)']],
    [
      { op: 'pwrite', args: { fd: 1, bytes: 'a\xff', offset: 2 ** 33 } },
      [`pwrite64(slot 1, "a\xff", 2, ${2 ** 33})`],
    ],
    [
      { op: 'lseek', args: { fd: 0, offset: -(2 ** 33) - 1, whence: 'SEEK_END' } },
      [`lseek(slot 0, ${-(2 ** 33) - 1}, 2)`],
    ],
    [{ op: 'read', args: { fd: 0, size: 64 } }, ['read(slot 0, [64], 64)']],
    [
      { op: 'rename', args: { from: 'a', to: 'b', flags: ['RENAME_EXCHANGE'] } },
      [String.raw`renameat2(-100, "/b/m/a\u0000", -100, "/b/m/b\u0000", 2)`],
    ],
    [
      { op: 'chown', args: { path: 'a', uid: -1, gid: 1000 } },
      [String.raw`fchownat(-100, "/b/m/a\u0000", -1, 1000, 0)`],
    ],
    [
      {
        op: 'mknod',
        args: { path: 'a', mode: 0o600, device: { type: 'chr', major: 259, minor: 300 } },
      },
      [String.raw`mknodat(-100, "/b/m/a\u0000", ${0o020600}, ${(259 << 8) | 44 | (1 << 20)})`],
    ],
    [
      {
        op: 'copyFileRange',
        args: { fd: 0, offset: null, toFd: 1, toOffset: 258, size: 5 },
      },
      ['copy_file_range(slot 0, 0, slot 1, 0201000000000000, 5, 0)'],
    ],
    [{ op: 'clone', args: { fd: 1, fromFd: 2 } }, ['ioctl(slot 1, 1074041865, slot 2)']],
    [{ op: 'dropCaches', args: {} }, [String.raw`mount(0, "/b/m\u0000", 0, ${32 | 1024 | 4}, 0)`]],
  ])('%o is one system call', (step, calls) => {
    expect(callsOf(step)).toEqual(calls);
  });

  test('that takes a file handle keeps it in the guest', () => {
    const flags = ['AT_SYMLINK_FOLLOW', 'AT_HANDLE_FID'] as const;
    expect(
      callsOf({ op: 'encodeHandle', args: { handle: 3, path: 'a', flags, size: 128 } }),
    ).toEqual([String.raw`name_to_handle_at(-100, "/b/m/a\u0000", keep 3 [128], [8], ${0x600})`]);
    expect(callsOf({ op: 'encodeFdHandle', args: { handle: 0, fd: 1, flags, size: 0 } })).toEqual([
      String.raw`name_to_handle_at(slot 1, "\u0000", keep 0 [0], [8], ${0x1600})`,
    ]);
  });

  test('that opens by handle passes on what was kept, with some bits flipped', () => {
    const flags = ['O_RDWR'] as const;
    const damage = { byte: 2, flip: 255 };
    const bits = 2 | 0o2004000;
    const root = String.raw`chdir("/b/m\u0000")`;
    expect(callsOf({ op: 'openHandle', args: { slot: 1, handle: 2, flags, damage } })).toEqual([
      root,
      `open_by_handle_at(-100, kept 2 ^ 0000ff, ${bits}) -> slot 1`,
    ]);
    expect(callsOf({ op: 'openHandleCold', args: { slot: 0, handle: 0, flags } })).toEqual([
      String.raw`mount(0, "/b/m\u0000", 0, ${32 | 1024 | 4}, 0)`,
      root,
      `open_by_handle_at(-100, kept 0 ^ , ${bits}) -> slot 0`,
    ]);
  });

  test('that writes to mapped memory has the kernel do it', () => {
    expect(
      callsOf({
        op: 'mmap',
        args: {
          ...{ map: 1, fd: 2, offset: 4096, size: 5 },
          ...{ protection: ['PROT_READ', 'PROT_WRITE'], sharing: 'MAP_PRIVATE' },
        },
      }),
    ).toEqual(['munmap(68736253952, 16777216)', 'mmap(68736253952, 5, 3, 18, slot 2, 4096)']);
    expect(callsOf({ op: 'writeMap', args: { map: 0, offset: 3, bytes: 'xy' } })).toEqual([
      String.raw`memfd_create("scratch\u0000", 0) -> slot 59`,
      'pwrite64(slot 59, "xy", 2, 0)',
      'pread64(slot 59, 68719476739, 2, 0)',
    ]);
  });

  test('that sets times brings them as two structs', () => {
    const [call] = callsOf({
      op: 'utimens',
      args: { path: 'a', atime: { sec: 258, nsec: 7 }, mtime: 'UTIME_OMIT', flags: [] },
    });
    const times = `02010000000000000700000000000000${'0'.repeat(16)}feffff3f00000000`;
    expect(call).toBe(String.raw`utimensat(-100, "/b/m/a\u0000", ${times}, 0)`);
  });

  test('of another user switches there and back, the user last and first', () => {
    expect(callsOf({ op: 'rmdir', args: { path: 'd' }, as: 'bob' })).toEqual([
      'setresgid(-1, 1001, -1)',
      'setresuid(-1, 1001, -1)',
      String.raw`unlinkat(-100, "/b/m/d\u0000", 512)`,
      'setresuid(-1, 0, -1)',
      'setresgid(-1, 0, -1)',
    ]);
  });

  test('that mounts again closes every slot first, and looks at the mount', () => {
    const data = 'lowerdir=/b/s/l0,upperdir=/b/s/u,workdir=/b/s/w,index=off';
    const type = String.raw`"overlay\u0000"`;
    expect(callsOf({ op: 'remount', args: {} })).toEqual([
      ...[0, 1, 2, 3].map((slot) => `close(slot ${slot})`),
      'munmap(68719476736, 33554432)',
      String.raw`umount2("/b/m\u0000", 0)`,
      String.raw`mount(${type}, "/b/m\u0000", ${type}, 1028, "${data}\u0000")`,
      String.raw`openat(-100, "/proc/self/mountinfo\u0000", 0, 0) -> slot 60`,
      'read(slot 60, [16384], 16384)',
      'close(slot 60)',
    ]);
  });
});

test('every operation makes the call of its template, with as many arguments', () => {
  const seen = new Set<OpName>();
  for (let index = 0; index < 200; index++) {
    const drawn = scenarioAt(5, index, { options: DEFAULT_OPTIONS, stepCount: 40 });
    const encoded = encode(drawn);
    for (const [at, instructions] of stepsOf(encoded).entries()) {
      const step = drawn.steps[at];
      if (step === undefined || OPS[step.op].syscall === 'recipe' || step.op === 'close') continue;
      const [name, ...places] = OPS[step.op].syscall;
      const switches = encoded.steps[at]?.switchesUser === true ? 2 : 0;
      const isEdit = OPS[step.op].result === 'edit';
      const own = isEdit
        ? instructions.slice(EDIT_RECIPE.from, EDIT_RECIPE.mount)
        : instructions.slice(switches, instructions.length - switches);
      expect(own).toMatchObject([{ op: 'call', call: name }]);
      // `$times` is one place for two arguments of the operation, and one argument of the call.
      expect(own[0]?.op === 'call' ? own[0].args.length : 0, step.op).toBe(places.length);
      seen.add(step.op);
    }
  }
  const withTemplate = (Object.keys(OPS) as OpName[]).filter(
    (op) => OPS[op].syscall !== 'recipe' && op !== 'close',
  );
  expect([...seen].sort()).toEqual(withTemplate.sort());
});

describe('a layer', () => {
  const layerCalls = (layer: LayerSpec): string[] => {
    const { program, setupAt, mountAt } = encode(scenario([], [layer]));
    return readProgram(program)
      .slice(setupAt, mountAt)
      .map(say)
      .filter((line) => line.includes('/b/s/l0/') || line.includes('slot'));
  };

  test('is filled in order, and gets its times last and from the innermost out', () => {
    const calls = layerCalls({
      role: 'lower',
      entries: [
        {
          path: 'd/f',
          type: 'file',
          uid: 1000,
          mode: 0o4755,
          pieces: [{ at: 5, text: 'hi' }],
          size: 9,
          xattrs: { 'user.a': 'v' },
        },
        { path: 'l', type: 'link', to: 'd/f' },
      ],
    });
    const names = calls.map((line) => line.replaceAll(String.raw`\u0000`, ''));
    const noFollow = 256;
    expect(names.filter((line) => !line.startsWith('utimensat'))).toEqual([
      `fchownat(-100, "/b/s/l0/.", 0, 0, ${noFollow})`,
      'fchmodat(-100, "/b/s/l0/.", 493)',
      'mkdirat(-100, "/b/s/l0/d", 493)',
      `fchownat(-100, "/b/s/l0/d", 0, 0, ${noFollow})`,
      'fchmodat(-100, "/b/s/l0/d", 493)',
      `openat(-100, "/b/s/l0/d/f", ${0o100 | 2}, 0) -> slot 61`,
      'pwrite64(slot 61, "hi", 2, 5)',
      'ftruncate(slot 61, 9)',
      'close(slot 61)',
      `fchownat(-100, "/b/s/l0/d/f", 1000, 0, ${noFollow})`,
      `fchmodat(-100, "/b/s/l0/d/f", 2541)`,
      'lsetxattr("/b/s/l0/d/f", "user.a", "v", 1, 0)',
      'linkat(-100, "/b/s/l0/d/f", -100, "/b/s/l0/l", 0)',
    ]);
    const timed = names.filter((line) => line.startsWith('utimensat'));
    expect(timed.map((line) => /l0\/([^"]*)/.exec(line)?.[1])).toEqual(['l', 'd/f', 'd', '.']);
  });

  test('may lack its user xattrs, and nothing else', () => {
    const xattrs = { 'user.a': '1', 'trusted.a': '2', 'user.b': '3' };
    const { program, refusable } = encode(
      scenario([], [{ role: 'lower', entries: [{ path: 'f', type: 'file', xattrs }] }]),
    );
    const instructions = readProgram(program);
    const names = [...refusable.keys()].map((index) => {
      const instruction = instructions[index];
      return instruction?.op === 'call' ? instruction.args[1]?.data : undefined;
    });
    expect(names).toEqual(['user.a\0', 'user.b\0']);
  });
});

test('a scenario that no program has room for is refused as bad input', () => {
  const files = Array.from({ length: 64 }, (_, index) => ({
    path: `f${index}`,
    type: 'file' as const,
    pieces: [{ at: 0, text: 'x'.repeat(60_000) }],
  }));
  const layers = [1, 2].map((): LayerSpec => ({ role: 'lower', entries: files }));
  const isRefused = expect.objectContaining({ name: 'HarnessError', reason: 'bad-input' });
  expect(() => encode(scenario([], layers))).toThrow(isRefused);
  const steps = new Array<Step>(3000).fill({ op: 'rmdir', args: { path: 'd' }, as: 'bob' });
  expect(() => encode(scenario(steps))).toThrow(isRefused);
});

test('what is left of a scenario is what it was: encoding shares no state', () => {
  const [first, second] = [1, 2].map((index) =>
    withEpilogue(scenarioAt(9, index, { options: DEFAULT_OPTIONS, stepCount: 20 })),
  );
  if (first === undefined || second === undefined) throw new Error('two were drawn');
  const before = encode(first);
  encode(second);
  expect(encode(first)).toEqual(before);
});

describe('numbers of constants', () => {
  test.each([
    'O_RDONLY',
    'O_WRONLY',
    'O_RDWR',
    'O_CREAT',
    'O_EXCL',
    'O_TRUNC',
    'O_APPEND',
    'O_DIRECTORY',
    'O_NOFOLLOW',
    'O_NOATIME',
    'O_SYNC',
  ] as const)('%s is the one of this architecture', (flag) => {
    expect(OPEN_FLAGS[flag]).toBe(constants[flag]);
  });

  test('errnos are those of this system', () => {
    const system: Readonly<Record<string, number>> = osConstants.errno;
    const known = Object.entries(ERRNO).filter(([name]) => name in system);
    expect(known.length).toBeGreaterThan(30);
    expect(known).toEqual(known.map(([name]) => [name, system[name]]));
  });
});

test('lower layers on other file systems are made and named there', () => {
  const { program } = encode({
    base: 'tmpfs',
    otherBases: ['tmpfs', 'tmpfs'],
    layers: [{ role: 'upper', entries: [] }, LOWER, { ...LOWER, on: 2 }],
    options: 'xino=on',
    steps: [],
  });
  const calls = readProgram(program).map(say);
  const mounts = calls.filter((call) => call.startsWith('mount('));
  expect(mounts.map((call) => call.split(', ')[1])).toEqual([
    String.raw`"/b\u0000"`,
    String.raw`"/b/s/f1\u0000"`,
    String.raw`"/b/s/f2\u0000"`,
    String.raw`"/b/m\u0000"`,
  ]);
  expect(mounts[3]).toContain('lowerdir=/b/s/l0:/b/s/f2/l1,upperdir=/b/s/u,');
  const freed = calls.slice(-4).map((call) => /"(.*)\\u/.exec(call)?.[1]);
  expect(freed).toEqual(['/b/m', '/b/s/f1', '/b/s/f2', '/b']);
});
