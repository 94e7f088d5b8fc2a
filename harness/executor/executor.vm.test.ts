import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObservedNode, TreeChanges } from '../../model/observation.ts';
import { connect } from '../connect.ts';
import type { Connection } from '../connect.ts';
import { AT_FDCWD, MS_NOATIME, MS_NODEV } from '../constants.ts';
import type { CallName } from '../protocol/protocol.ts';
import { ProgramBuilder } from '../protocol/program.ts';
import type { WireArg } from '../protocol/program.ts';
import { ResultsReader } from '../protocol/results.ts';
import { startBareExecutor } from './bare-executor.ts';
import type { BareExecutor } from './bare-executor.ts';

// The executor in namespaces of this kernel: needs root.

const TIMEOUT_MS = 20_000;
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_WRONLY = 1;
const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const S_IFREG = 0o100000;
const MNT_DETACH = 2;
const ENOENT = 2;
const EBADF = 9;
const EACCES = 13;
const EBUSY = 16;
const EEXIST = 17;
const EROFS = 30;

let executor: BareExecutor;
let connection: Connection;

beforeAll(async () => {
  executor = await startBareExecutor(['--namespace']);
  connection = await connect(executor.channel, { timeoutMs: TIMEOUT_MS });
});

afterAll(async () => {
  await executor[Symbol.asyncDispose]();
});

/** Steps of a test: what to call and what it returns, or a look at a tree. */
type Line =
  | readonly [call: CallName, args: readonly WireArg[], value: number, slot?: number]
  | readonly [close: 'closeSlot', slot: number, value: number]
  | { readonly dump: string; readonly tree: number }
  | { readonly whole: (program: ProgramBuilder) => void; readonly value: number };

/** Runs lines on a fresh tmpfs on /b; checks what they return, and returns what changed. */
async function run(lines: readonly Line[]): Promise<readonly TreeChanges[]> {
  const tmpfs = { input: 'tmpfs\0' };
  const where = text('/b');
  const all: readonly Line[] = [
    ['mount', [tmpfs, where, tmpfs, MS_NOATIME | MS_NODEV, text('mode=755')], 0],
    ...lines,
    ['umount2', [where, MNT_DETACH], 0],
  ];
  const program = new ProgramBuilder();
  for (const line of all) {
    if ('dump' in line) program.dump(line.tree, line.dump);
    else if ('whole' in line) line.whole(program);
    else if (line[0] === 'closeSlot') program.close(line[1]);
    else program.call(line[0], line[1], line[3]);
  }
  const results = new ResultsReader(await connection.execute(program.finish()));
  const trees: TreeChanges[] = [];
  for (const line of all) {
    if ('dump' in line) {
      const { error, changes } = results.dump();
      expect(error, line.dump).toBe(0);
      trees.push(changes);
    } else if ('whole' in line) {
      expect(results.call().value).toBe(line.value);
    } else {
      const { value } = results.call();
      if (line[0] !== 'closeSlot' && line[3] !== undefined && line[2] === 0)
        expect(value, JSON.stringify(line)).toBeGreaterThanOrEqual(0);
      else expect(value, JSON.stringify(line)).toBe(line[2]);
    }
  }
  expect(results.isAtEnd).toBe(true);
  return trees;
}

function text(value: string): WireArg {
  return { input: `${value}\0` };
}

function mkdir(path: string): Line {
  return ['mkdirat', [AT_FDCWD, text(path), 0o755], 0];
}

function mknod(path: string, mode: number, device = 0): Line {
  return ['mknodat', [AT_FDCWD, text(path), mode, device], 0];
}

function unlink(path: string): Line {
  return ['unlinkat', [AT_FDCWD, text(path), 0], 0];
}

function setxattr(path: string, name: string, value: string): Line {
  return ['lsetxattr', [text(path), text(name), { input: value }, value.length, 0], 0];
}

function node(changes: TreeChanges | undefined, path: string): ObservedNode {
  const found = changes?.get(path);
  if (found?.kind !== 'node') throw new Error(`${path} is ${found?.kind ?? 'unchanged'}`);
  return found;
}

/** A layer with a bit of everything. */
const LAYER: readonly Line[] = [
  ...['/b/l', '/b/u', '/b/w', '/b/m', '/b/l/d', '/b/l/d/e'].map(mkdir),
  ['openat', [AT_FDCWD, text('/b/l/d/f'), O_CREAT | O_RDWR, 0o640], 0, 5],
  ['pwrite64', [{ slot: 5 }, { input: 'head' }, 4, 0], 4],
  ['pwrite64', [{ slot: 5 }, { input: 'tail' }, 4, 40_000], 4],
  ['closeSlot', 5, 0],
  ['linkat', [AT_FDCWD, text('/b/l/d/f'), AT_FDCWD, text('/b/l/hard'), 0], 0],
  ['symlinkat', [text('d/f'), AT_FDCWD, text('/b/l/sym')], 0],
  mknod('/b/l/fifo', S_IFIFO | 0o600),
  mknod('/b/l/null', S_IFCHR | 0o666, 0x103),
  setxattr('/b/l/d/f', 'trusted.test', 'a\0b'),
  setxattr('/b/l/sym', 'trusted.long', 'x'.repeat(3000)),
];

const OVERLAY: Line = [
  'mount',
  [
    text('overlay'),
    text('/b/m'),
    text('overlay'),
    MS_NOATIME | MS_NODEV,
    text('lowerdir=/b/l,upperdir=/b/u,workdir=/b/w'),
  ],
  0,
];

test('a dump of an overlay has all that there is, and then what a step changed', async () => {
  const [merged, base, none, changed, changedBase] = await run([
    ...LAYER,
    OVERLAY,
    { dump: '/b/m', tree: 0 },
    { dump: '/b', tree: 1 },
    { dump: '/b/m', tree: 0 },
    unlink('/b/m/d/f'),
    ['fchownat', [AT_FDCWD, text('/b/m/hard'), 7, 8, 0], 0],
    { dump: '/b/m', tree: 0 },
    { dump: '/b', tree: 1 },
    ['umount2', [text('/b/m'), 0], 0],
  ]);
  expect([...merged!.keys()]).toEqual(['', 'd', 'd/e', 'd/f', 'fifo', 'hard', 'null', 'sym']);
  const file = node(merged, 'd/f');
  expect(file).toMatchObject({ mode: S_IFREG | 0o640, nlink: 2, size: 40_004, dType: 8 });
  expect(file.content.bytes()).toBe(`head${'\0'.repeat(39_996)}tail`);
  expect(file.xattrs).toEqual(new Map([['trusted.test', 'a\0b']]));
  expect(node(merged, 'sym').xattrs.get('trusted.long')).toBe('x'.repeat(3000));
  expect(node(merged, 'sym').target).toBe('d/f');
  expect(node(merged, 'null')).toMatchObject({ rdev: { major: 1, minor: 3 }, dType: 2 });
  expect(node(merged, 'fifo').mode).toBe(S_IFIFO | 0o600);
  expect(node(merged, 'd')).toMatchObject({ dIno: node(merged, 'd').ino });
  expect(node(merged, 'd').dotdotIno).toBe(node(merged, '').ino);
  expect(node(base, 'l/d/f').ino).toBe(node(base, 'l/hard').ino);
  expect(none!.size).toBe(0);

  expect(changed!.get('d/f')).toEqual({ kind: 'gone' });
  expect(node(changed, 'hard')).toMatchObject({ uid: 7, gid: 8 });
  expect(changed!.has('d/e')).toBe(false);
  expect(node(changedBase, 'u/d/f')).toMatchObject({ mode: S_IFCHR, rdev: { major: 0, minor: 0 } });
  expect(changedBase!.has('l/hard')).toBe(false);
});

test('a tree that goes is told path by path, and one that comes back is told anew', async () => {
  const [, gone, back] = await run([
    mkdir('/b/x'),
    mkdir('/b/x/y'),
    mknod('/b/x/y/z', S_IFREG),
    { dump: '/b', tree: 2 },
    ['renameat2', [AT_FDCWD, text('/b/x'), AT_FDCWD, text('/b/w'), 0], 0],
    { dump: '/b', tree: 2 },
    ['renameat2', [AT_FDCWD, text('/b/w'), AT_FDCWD, text('/b/x'), 0], 0],
    { dump: '/b', tree: 2 },
  ]);
  const kinds = (changes?: TreeChanges): unknown =>
    [...(changes ?? [])].map(([path, { kind }]) => `${kind} ${path}`);
  const [present, absent] = [['node '], ['x', 'x/y', 'x/y/z'].map((path) => `gone ${path}`)];
  const at = (top: string): string[] => ['', '/y', '/y/z'].map((rest) => `node ${top}${rest}`);
  expect(kinds(gone)).toEqual([...present, ...at('w'), ...absent]);
  expect(kinds(back)).toEqual([
    ...present,
    ...absent.map((line) => line.replace(' x', ' w')),
    ...at('x'),
  ]);
});

test('more names than a tree may have fail the dump, and the next one is right again', async () => {
  const many = Array.from({ length: 2100 }, (_, index) => `/b/d/${index}`);
  const program = new ProgramBuilder();
  const tmpfs = text('tmpfs');
  program.call('mount', [tmpfs, text('/b'), tmpfs, MS_NODEV, 0]);
  program.call('mkdirat', [AT_FDCWD, text('/b/d'), 0o755]);
  program.dump(0, '/b');
  for (const path of many) program.call('mknodat', [AT_FDCWD, text(path), S_IFREG, 0]);
  program.dump(0, '/b');
  for (const path of many.slice(1)) program.call('unlinkat', [AT_FDCWD, text(path), 0]);
  program.dump(0, '/b');
  program.call('umount2', [text('/b'), 0]);
  const results = new ResultsReader(await connection.execute(program.finish()));
  for (let call = 0; call < 2; call++) expect(results.call().value).toBe(0);
  expect([...results.dump().changes.keys()]).toEqual(['', 'd']);
  for (const path of many) expect(results.call().value, path).toBe(0);
  expect(() => results.dump()).toThrow('larger than can be dumped');
  for (const path of many.slice(1)) expect(results.call().value, path).toBe(0);
  expect([...results.dump().changes.keys()]).toEqual(['d', 'd/0']);
  expect(results.call().value).toBe(0);
});

test('no slot, user, umask or working directory is left for the next program', async () => {
  const program = new ProgramBuilder();
  program.call('openat', [AT_FDCWD, text('/b'), 0, 0], 9);
  program.call('umask', [0o777]);
  program.call('setgroups', [1, { input: '\x07\0\0\0' }]);
  program.call('setresgid', [-1, 1000, -1]);
  program.call('setresuid', [-1, 1000, -1]);
  program.call('mkdirat', [AT_FDCWD, text('/b/mine'), 0o755]);
  const first = new ResultsReader(await connection.execute(program.finish()));
  expect(first.call().value).toBeGreaterThanOrEqual(0);
  expect(first.call().value).toBeGreaterThanOrEqual(0);
  for (let call = 0; call < 3; call++) expect(first.call().value).toBe(0);
  expect(first.call().value).toBe(-EACCES);

  const [dumped] = await run([
    ['fchmod', [{ slot: 9 }, 0o700], -EBADF],
    mkdir('/b/d'),
    mknod('/b/d/f', S_IFREG | 0o666),
    { dump: '/b/d', tree: 0 },
  ]);
  expect(node(dumped, 'f')).toMatchObject({ uid: 0, gid: 0, mode: S_IFREG | 0o666 });
});

test('a slot keeps its file open until it is closed', async () => {
  await run([
    mkdir('/b/m'),
    ['mount', [text('t'), text('/b/m'), text('tmpfs'), 0, 0], 0],
    ['openat', [AT_FDCWD, text('/b/m/f'), O_CREAT | O_RDWR, 0o600], 0, 1],
    ['umount2', [text('/b/m'), 0], -EBUSY],
    ['closeSlot', 1, 0],
    ['closeSlot', 1, -EBADF],
    ['umount2', [text('/b/m'), 0], 0],
  ]);
});

test('no symlink and no device leads to what belongs to the whole machine', async () => {
  const open = (target: string, flags: number, value: number): readonly Line[] => [
    ['symlinkat', [text(target), AT_FDCWD, text('/b/s')], 0],
    ['openat', [AT_FDCWD, text('/b/s'), flags, 0], value],
    unlink('/b/s'),
  ];
  await run([
    ...open('/proc/sysrq-trigger', O_WRONLY, -ENOENT),
    ...open('/proc/self/exe', 0, -ENOENT),
    ...open('/proc/self/fd/0', O_WRONLY, -ENOENT),
    ...open('/proc/1/root', 0, -ENOENT),
    ...open('/proc/sys/kernel/core_pattern', O_WRONLY, -EROFS),
    ...open('/sys/module/overlay/parameters/redirect_max', O_WRONLY, -EROFS),
    ...open('/sys/power/state', O_WRONLY, -ENOENT),
    ...open('/etc/passwd', 0, -ENOENT),
    ...open('/dev/null', 0, -ENOENT),
    mknod('/b/n', S_IFCHR | 0o666, 0x103),
    ['openat', [AT_FDCWD, text('/b/n'), 0, 0], -EACCES],
  ]);
});

/** Something done to a whole tree. */
function whole(value: number, act: (program: ProgramBuilder) => void): Line {
  return { whole: act, value };
}

test('a copy of a tree keeps what it is told to', async () => {
  const copy = (to: string, keeps: readonly ('xattrs' | 'links')[]): Line =>
    whole(0, (program) => {
      program.copyTree('/b/l', to, keeps);
    });
  const [tree] = await run([
    ...LAYER,
    copy('/b/all', ['xattrs', 'links']),
    copy('/b/less', []),
    copy('/b/l/d/inside', ['links']),
    whole(-EEXIST, (program) => {
      program.copyTree('/b/l', '/b/all', []);
    }),
    { dump: '/b', tree: 0 },
  ]);
  const [source, all, less] = ['l', 'all', 'less'].map((top) => node(tree, `${top}/d/f`));
  expect(all).toEqual({ ...source, dIno: all?.dIno, ino: all?.ino, ctime: all?.ctime });
  expect(node(tree, 'all/hard').ino).toBe(all?.ino);
  expect(all?.ino).not.toBe(source?.ino);
  expect(less).toMatchObject({ content: source?.content, blocks: source?.blocks, nlink: 1 });
  expect([...(less?.xattrs.keys() ?? [])]).toEqual([]);
  expect(node(tree, 'less/hard').ino).not.toBe(less?.ino);
  expect(node(tree, 'all/sym')).toMatchObject({ target: 'd/f' });
  expect(node(tree, 'all/null').rdev).toEqual(node(tree, 'l/null').rdev);
  expect(node(tree, 'l/d/inside/d/e').mode).toBe(node(tree, 'l/d/e').mode);
  expect(tree?.has('l/d/inside/d/inside')).toBe(false);
});

test('a whole tree is given away, and removed', async () => {
  const [given, gone] = await run([
    ...LAYER,
    whole(0, (program) => {
      program.chownTree('/b/l', 7, -1);
    }),
    { dump: '/b/l', tree: 0 },
    whole(0, (program) => {
      program.removeTree('/b/l');
    }),
    whole(-ENOENT, (program) => {
      program.removeTree('/b/l');
    }),
    { dump: '/b', tree: 1 },
  ]);
  const owners = [...(given?.keys() ?? [])].map((path) => node(given, path).uid);
  expect(new Set(owners)).toEqual(new Set([7]));
  expect([...(gone?.keys() ?? [])]).toEqual(['', 'm', 'u', 'w']);
});
