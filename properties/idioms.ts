import { BOUND } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { parentOf } from './guess.ts';
import type { Guessed } from './guess.ts';
import type { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

/**
 * Steps that belong together. Each is drawn when its turn comes, since others may come in between:
 * all of them are steps like any other, and none of them needs the ones before it.
 */
export type Idiom = Iterator<Step, void>;

const IDIOMS = wheel([
  [lifeOfName, 10],
  [passOverDirectory, 2],
  [directoryOverDirectory, 2],
  [fillDirectory, 2],
  [lifeOfData, 4],
  [firstChange, 4],
  [viewFromBefore, 3],
  [lifeOfFlags, 1],
  [lifeOfProgram, 1],
]);

export function drawIdiom(scope: Scope): Idiom {
  return spin(scope.random, IDIOMS)(scope);
}

/** What an open file may be asked for after it lost its name; changes of it copy it up. */
export const USES_OF_FD: readonly OpName[] = [
  ...(['fchmod', 'fchmod', 'fchmod', 'fchown', 'fchown', 'fchown', 'futimens'] as const),
  ...(['futimens', 'futimens', 'fsetxattr', 'fsetxattr', 'fremovexattr', 'linkFd'] as const),
  ...(['fstat', 'fstat', 'getdents', 'read', 'write', 'fsync'] as const),
];
const USES_OF_PATH: readonly OpName[] = [
  ...(['stat', 'chmod', 'lchown', 'setxattr', 'utimens', 'truncate', 'open', 'rmdir'] as const),
  ...(['unlink', 'rename', 'link', 'readlink', 'removexattr'] as const),
];
const USES_OF_DATA: readonly OpName[] = [
  ...(['write', 'write', 'pwrite', 'read', 'pread', 'lseek', 'lseek', 'lseek'] as const),
  ...(['ftruncate', 'ftruncate', 'truncate', 'fallocate', 'fsetxattr', 'fchmod'] as const),
];
/** What an old view of a file tells: of its status more than what it has in it. */
const LOOKS_BY_FD: readonly OpName[] = [
  ...(['fstat', 'fstat', 'fstat', 'fsync', 'read', 'lseek', 'fgetxattr'] as const),
];
const FIRST_CHANGES: readonly OpName[] = [
  ...(['chmod', 'chown', 'lchown', 'utimens', 'truncate', 'open', 'link', 'rename'] as const),
  ...(['setxattr', 'lsetxattr', 'removexattr'] as const),
];
const MAKERS: Readonly<Record<Guessed, readonly OpName[]>> = {
  dir: ['mkdir'],
  file: ['open', 'open', 'link', 'linkFd'],
  symlink: ['symlink'],
  other: ['mknod'],
};
const READ_DIR = ['O_RDONLY', 'O_DIRECTORY'];
const WAYS_TO_DATA = [
  ['O_RDWR'],
  ['O_RDWR', 'O_CREAT'],
  ['O_RDWR', 'O_CREAT', 'O_APPEND'],
  ['O_RDWR', 'O_CREAT', 'O_TRUNC'],
];
const RENAME_FLAGS = [[], [], [], ['RENAME_EXCHANGE']];
const NO_DIRS = ['file', 'symlink', 'other'] as const;
const KINDS: readonly Guessed[] = ['dir', 'dir', 'file', 'file', 'symlink', 'other'];

/** An object is held open, loses its name, another takes the name, and then either is used. */
function* lifeOfName(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  let path = scope.lowerOnly('dir', 'dir', 'file', 'other', 'other');
  // A directory with little in it is soon removed.
  path = scope.below(path).find((at) => scope.typeOf(at) === 'dir') ?? path;
  if (chance(random, 25)) {
    path = scope.newPath();
    const type = pick(random, KINDS);
    yield make(scope, type, path);
    if (type === 'dir' && chance(random, 60))
      yield make(scope, pick(random, KINDS), nameIn(scope, path));
  }
  const type = scope.typeOf(path) ?? pick(random, KINDS);
  const slot = random.nextInt(0, BOUND.slots - 1);
  const isHeld = chance(random, 75);
  if (isHeld) yield hold(scope, slot, path);
  yield* takeName(scope, path);
  if (chance(random, 75)) {
    const parent = parentOf(path);
    if (scope.typeOf(parent) === undefined) yield make(scope, 'dir', parent);
    yield make(scope, chance(random, 60) ? type : pick(random, KINDS), path);
  }
  for (let uses = random.nextInt(1, 3); uses > 0; uses--) {
    const ofFd = isHeld && chance(random, 70);
    if (ofFd) yield drawStep(scope, pick(random, USES_OF_FD), { fd: slot });
    else yield drawStep(scope, pick(random, USES_OF_PATH), { path, from: path });
  }
}

/** A directory is listed in pieces while names in it come and go. */
function* passOverDirectory(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const dir = scope.path('dir');
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield hold(scope, fd, dir);
  for (let rounds = random.nextInt(1, 3); rounds > 0; rounds--) {
    yield drawStep(scope, 'getdents', { fd });
    const inside = childrenOf(scope, dir);
    const path = inside.length > 0 ? pick(random, inside) : nameIn(scope, dir);
    if (chance(random, 60)) yield* takeName(scope, path);
    else if (chance(random, 50)) yield make(scope, pick(random, KINDS), path);
    else yield drawStep(scope, pick(random, USES_OF_PATH), { path, from: path });
  }
  if (chance(random, 30)) yield drawStep(scope, 'lseek', { fd, whence: 'SEEK_SET', offset: 0 });
  yield drawStep(scope, 'getdents', { fd });
}

/** A directory, old or new, takes the place of another one that may have something in it. */
function* directoryOverDirectory(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  let from = scope.movableDir();
  if (chance(random, 50)) {
    from = scope.newPath();
    yield drawStep(scope, 'mkdir', { path: from });
  }
  let to = chance(random, 50) ? scope.movableDir() : scope.path('dir');
  if (to === from || chance(random, 40)) {
    to = scope.newPath();
    yield drawStep(scope, 'mkdir', { path: to });
  }
  if (chance(random, 60)) yield make(scope, pick(random, KINDS), nameIn(scope, to));
  else if (chance(random, 50)) yield* removeAll(scope, scope.below(to));
  yield drawStep(scope, 'rename', { from, to, flags: pick(random, RENAME_FLAGS) });
  yield drawStep(scope, pick(random, USES_OF_PATH), { path: to, from: to });
}
/** Objects of lower layers move into a directory that none of them has, and it is listed. */
function* fillDirectory(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  let dir = scope.movableDir();
  if (chance(random, 60)) {
    dir = scope.newPath();
    yield drawStep(scope, 'mkdir', { path: dir });
  }
  for (let objects = random.nextInt(1, 3); objects > 0; objects--) {
    const from = scope.lowerOnly(...NO_DIRS);
    const to = nameIn(scope, dir);
    if (chance(random, 30)) yield make(scope, pick(random, KINDS), to);
    else if (chance(random, 80)) yield drawStep(scope, 'rename', { from, to, flags: [] });
    else yield drawStep(scope, 'link', { from, to, flags: [] });
  }
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield hold(scope, fd, dir);
  yield drawStep(scope, 'getdents', { fd });
}

/** What only lower layers have changes, and is looked at or changes again. */
function* firstChange(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const path = scope.lowerOnly('dir', 'file', 'file', 'symlink', 'other');
  const op = pick(random, FIRST_CHANGES);
  yield drawStep(scope, op, { path, from: path });
  if (op === 'rename' || chance(random, 50)) return;
  yield drawStep(scope, pick(random, USES_OF_PATH), { path, from: path });
}

/** A file's data is changed and looked at, mostly through one descriptor. */
function* lifeOfData(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const fd = random.nextInt(0, BOUND.slots - 1);
  const path = chance(random, 70) ? scope.path('file') : scope.newPath();
  const flags = pick(random, WAYS_TO_DATA);
  yield drawStep(scope, 'open', { slot: fd, path, ...(chance(random, 80) ? { flags } : {}) });
  for (let uses = random.nextInt(2, 6); uses > 0; uses--) {
    yield drawStep(scope, pick(random, USES_OF_DATA), { fd, path });
  }
}

/** A lower file that is open or in memory is looked at after another way to it copied it up. */
function* viewFromBefore(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  const map = random.nextInt(0, BOUND.maps - 1);
  yield hold(scope, fd, path);
  if (chance(random, 60)) yield drawStep(scope, 'mmap', { map, fd, offset: 0, size: 4096 });
  const slot = random.nextInt(0, BOUND.slots - 1);
  const op = pick(random, FIRST_CHANGES);
  const flags = { flags: ['O_RDWR'] };
  yield drawStep(scope, op, { path, from: path, slot, ...(op === 'open' ? flags : {}) });
  if (op === 'open') yield drawStep(scope, 'pwrite', { fd: slot });
  if (chance(random, 60)) yield drawStep(scope, 'readMap', { map });
  yield drawStep(scope, pick(random, LOOKS_BY_FD), { fd });
  yield drawStep(scope, pick(random, USES_OF_DATA), { fd, path });
}

/** A program runs while others want to write it; where there is none, nothing happens. */
function* lifeOfProgram(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  if (scope.programs.length === 0) return;
  const path = pick(random, scope.programs);
  const slot = random.nextInt(0, BOUND.slots - 1);
  const fd = (slot + 1) % BOUND.slots;
  if (chance(random, 30)) yield drawStep(scope, 'open', { slot: fd, path });
  yield drawStep(scope, 'execute', { slot, path });
  for (let uses = random.nextInt(1, 4); uses > 0; uses--) {
    if (chance(random, 40)) yield drawStep(scope, 'open', { slot: fd, path });
    else yield drawStep(scope, pick(random, USES_OF_PATH), { path, from: path });
  }
  if (chance(random, 50)) yield drawStep(scope, 'close', { fd: slot });
}

/** Somebody forbids changes of an object, which are tried, and perhaps allows them again. */
function* lifeOfFlags(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('dir', 'file') : scope.path('dir', 'file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  const flags = [pick(random, ['FS_IMMUTABLE_FL', 'FS_APPEND_FL'])];
  yield hold(scope, fd, path);
  yield drawStep(scope, 'toggleXflags', { fd, flags });
  for (let uses = random.nextInt(1, 4); uses > 0; uses--) {
    const at = chance(random, 40) ? nameIn(scope, path) : path;
    if (chance(random, 30)) yield drawStep(scope, pick(random, USES_OF_FD), { fd });
    else if (chance(random, 25)) yield make(scope, pick(random, KINDS), at);
    else yield drawStep(scope, pick(random, USES_OF_PATH), { path: at, from: at });
  }
  if (chance(random, 70)) yield drawStep(scope, 'toggleXflags', { fd, flags });
}

/** The name goes, alone or with the directory that it is in, or another object gets it. */
export function* takeName(scope: Scope, path: string): Generator<Step, void> {
  const { random } = scope;
  const way = random.nextInt(0, 9);
  if (way < 4) {
    yield* removeTree(scope, path);
  } else if (way < 6) {
    const parent = parentOf(path);
    yield* removeTree(scope, parent === '.' ? path : parent);
  } else if (way < 7) {
    yield drawStep(scope, 'rename', { from: path, to: scope.newPath() });
  } else {
    const from = scope.typeOf(path) === 'dir' ? scope.movableDir() : scope.path(...NO_DIRS);
    const flags = way < 9 ? [] : ['RENAME_EXCHANGE'];
    yield drawStep(scope, 'rename', { from, to: path, flags });
  }
}

/** From the leaves to the root, as `rm -r` does it. */
export function* removeTree(scope: Scope, root: string): Generator<Step, void> {
  yield* removeAll(scope, [...scope.below(root), root]);
}

function* removeAll(scope: Scope, paths: readonly string[]): Generator<Step, void> {
  for (const path of paths) {
    yield drawStep(scope, scope.typeOf(path) === 'dir' ? 'rmdir' : 'unlink', { path });
  }
}

/** What probably is in a directory itself. */
export function childrenOf(scope: Scope, dir: string): readonly string[] {
  return scope.below(dir).filter((path) => parentOf(path) === dir);
}

export function nameIn({ random }: Scope, dir: string): string {
  const name = pick(random, NAMES);
  return dir === '.' ? name : `${dir}/${name}`;
}

export function hold(scope: Scope, slot: number, path: string): Step {
  const isDir = scope.typeOf(path) === 'dir';
  const flags = chance(scope.random, 80) ? { flags: isDir ? READ_DIR : ['O_RDONLY'] } : {};
  return drawStep(scope, 'open', { slot, path, ...flags });
}

/** Any of the ways to get an object of some type at a path. */
export function make(scope: Scope, type: Guessed, path: string): Step {
  const { random } = scope;
  if (chance(random, 25)) {
    const from = type === 'dir' ? scope.movableDir() : scope.path(type);
    return drawStep(scope, 'rename', { from, to: path });
  }
  const op = pick(random, MAKERS[type]);
  const flags = op === 'open' ? { flags: ['O_RDWR', 'O_CREAT'] } : {};
  return drawStep(scope, op, { path, to: path, ...flags });
}

/** A step with these arguments, as far as the operation has them, and others as always. */
export function drawStep(scope: Scope, op: OpName, given: Readonly<Record<string, unknown>>): Step {
  const args: Record<string, unknown> = drawArgs(scope, op);
  for (const key in given) if (key in OPS[op].args) args[key] = given[key];
  // Drawn by the table of this very operation; what is given has the kinds of its names.
  return { op, args } as unknown as Step;
}
