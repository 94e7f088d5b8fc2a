import { BOUND } from '../model/flags.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { CAPABILITY } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { parentOf } from './guess.ts';
import type { Guessed } from './guess.ts';
import { drawStep, hold, make, nameIn, takeName } from './idioms.ts';
import type { Scope } from './scope.ts';

/**
 * What bugs of overlayfs had in common: an object is brought into a state, something happens to it,
 * and it is looked at again, mostly by another way or after it left the caches. Who changes what is
 * drawn each time; each step that must not fail is one of root.
 */
export type Steps = Generator<Step, void>;

const METADATA: readonly OpName[] = ['chmod', 'lchown', 'utimens', 'lsetxattr', 'link'];
const KINDS: readonly Guessed[] = ['dir', 'dir', 'file', 'file', 'symlink', 'other'];
const NO_DIRS = ['file', 'file', 'symlink', 'other'] as const;
const FRESH: Readonly<Record<Guessed, OpName>> = {
  ...{ dir: 'mkdir', file: 'open', symlink: 'symlink', other: 'mknod' },
};
const READ_WRITE = { flags: ['O_RDWR'] };

/** A file with several names changes by one of them, and is used by another. */
export function* otherNameOfCopy(scope: Scope): Steps {
  const { random, links } = scope;
  let [one, other] = links.length > 0 ? pick(random, links) : [scope.lowerOnly('file'), null];
  if (other === null) {
    other = scope.newPath();
    yield byRoot(drawStep(scope, 'link', { from: one, to: other, flags: [] }));
  }
  if (chance(random, 50)) [one, other] = [other, one];
  yield* changeFile(scope, one, chance(random, 65));
  if (chance(random, 45)) yield forget(scope);
  yield* changeFile(scope, other, chance(random, 40));
  for (let uses = random.nextInt(1, 3); uses > 0; uses--) {
    const path = pick(random, [one, other]);
    if (chance(random, 40)) {
      yield* readFile(scope, path);
    } else {
      const op = pick(random, ['unlink', 'unlink', 'stat', 'rename', 'link'] as const);
      yield drawStep(scope, op, { path, from: path });
    }
  }
}

/** What was copied up becomes a lower layer, above what it was copied from, and is copied again. */
export function* copyOverLayers(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file', 'file', 'file', 'dir');
  yield* changeObject(scope, path, 85);
  yield { op: 'rotate', args: {} };
  if (chance(random, 30)) {
    yield* changeObject(scope, path, 85);
    yield { op: 'rotate', args: {} };
  }
  if (chance(random, 40)) yield* readFile(scope, path);
  yield* changeObject(scope, path, 40);
  yield* readFile(scope, path);
}

/** What is made in a directory of a group belongs to the group, where something was, too. */
export function* inheritGroup(scope: Scope): Steps {
  const { random } = scope;
  const dir = scope.path('dir');
  const gid = pick(random, [1000, 1001]);
  yield byRoot(drawStep(scope, 'lchown', { path: dir, gid }));
  const mode = pick(random, [0o2777, 0o2775, 0o3777, 0o2755]);
  yield byRoot(drawStep(scope, 'chmod', { path: dir, mode }));
  for (let objects = random.nextInt(2, 4); objects > 0; objects--) {
    const inside = scope.below(dir).filter((at) => parentOf(at) === dir);
    const isTaken = inside.length > 0 && chance(random, 70);
    const path = isTaken ? pick(random, inside) : freeName(scope, dir);
    if (isTaken) yield* takeName(scope, path);
    yield make(scope, pick(random, KINDS), path);
  }
  if (chance(random, 20)) {
    const slot = random.nextInt(0, BOUND.slots - 1);
    yield drawStep(scope, 'open', { slot, path: dir, flags: ['O_RDWR', 'O_TMPFILE'] });
  }
}

/** A listing is kept by an open directory while others come and go. */
export function* heldListing(scope: Scope): Steps {
  const { random } = scope;
  const dir = scope.path('dir');
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, dir));
  yield drawStep(scope, 'getdents', { fd, size: pick(random, [4096, 4096, 96]) });
  for (let changes = random.nextInt(1, 2); changes > 0; changes--) {
    const inside = scope.below(dir).filter((at) => parentOf(at) === dir);
    const to =
      inside.length > 0 && chance(random, 60) ? pick(random, inside) : freeName(scope, dir);
    const from = chance(random, 60) ? scope.lowerOnly(...NO_DIRS) : scope.path(...NO_DIRS);
    const isExchange = scope.typeOf(to) !== undefined && chance(random, 40);
    const flags = isExchange ? ['RENAME_EXCHANGE'] : [];
    const op = chance(random, 15) ? 'link' : 'rename';
    yield byRoot(drawStep(scope, op, { from, to, flags: op === 'link' ? [] : flags }));
    if (chance(random, 30)) yield* takeName(scope, to);
  }
  yield drawStep(scope, 'lseek', { fd, whence: 'SEEK_SET', offset: 0 });
  yield drawStep(scope, 'getdents', { fd, size: 4096 });
  const other = (fd + 1) % BOUND.slots;
  yield byRoot(hold(scope, other, dir));
  yield drawStep(scope, 'getdents', { fd: other, size: 4096 });
}

/** An open file is told to append, or to append no more, before or after it is copied up. */
export function* appendLater(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  const appends = chance(random, 50);
  const flags = appends ? ['O_RDWR', 'O_APPEND'] : ['O_RDWR'];
  yield byRoot(drawStep(scope, 'open', { slot: fd, path, flags }));
  if (chance(random, 60)) yield drawStep(scope, 'write', { fd });
  if (chance(random, 30)) yield drawStep(scope, 'lseek', { fd, whence: 'SEEK_SET', offset: 0 });
  const told = chance(random, 85) !== appends ? ['O_APPEND'] : [];
  yield byRoot(drawStep(scope, 'setStatusFlags', { fd, flags: told }));
  yield drawStep(scope, pick(random, ['write', 'pwrite', 'write']), { fd });
  yield drawStep(scope, 'pread', { fd, offset: 0 });
}

/** What has something below comes into a directory of upper alone, which is listed. */
export function* moveAndList(scope: Scope): Steps {
  const { random } = scope;
  const from = chance(random, 75) ? scope.lowerOnly(...NO_DIRS) : scope.path();
  if (chance(random, 60)) yield* changeObject(scope, from, 90);
  let dir = scope.movableDir();
  if (chance(random, 70)) {
    dir = scope.newPath();
    yield byRoot(drawStep(scope, 'mkdir', { path: dir }));
  }
  const to = freeName(scope, dir);
  const isExchange = chance(random, 40);
  if (isExchange) yield fresh(scope, pick(random, KINDS), to);
  const ends = isExchange && chance(random, 50) ? { from: to, to: from } : { from, to };
  const op = !isExchange && chance(random, 25) ? 'link' : 'rename';
  const flags = isExchange ? ['RENAME_EXCHANGE'] : [];
  yield byRoot(drawStep(scope, op, { ...ends, flags }));
  for (let looks = random.nextInt(1, 2); looks > 0; looks--) {
    if (chance(random, 50)) yield forget(scope);
    yield* list(scope, dir);
    if (chance(random, 40)) yield* takeName(scope, to);
  }
}

/** A directory moves, and moves again, and so does what is in it or around it. */
export function* moveAgain(scope: Scope): Steps {
  const { random } = scope;
  let path = scope.hasRedirects ? scope.lowerOnly('dir') : scope.movableDir();
  for (let moves = random.nextInt(2, 4); moves > 0; moves--) {
    const inside = scope.below(path).filter((at) => parentOf(at) === path);
    if (inside.length > 0 && chance(random, 25)) {
      const from = pick(random, inside);
      yield byRoot(drawStep(scope, 'rename', { from, to: scope.newPath(), flags: [] }));
      continue;
    }
    const isNear = chance(random, 55);
    const to = isNear ? freeName(scope, parentOf(path)) : scope.newPath();
    const isExchange = scope.typeOf(to) !== undefined && chance(random, 80);
    const flags = isExchange ? ['RENAME_EXCHANGE'] : [];
    yield byRoot(drawStep(scope, 'rename', { from: path, to, flags }));
    if (scope.typeOf(to) !== undefined) path = to;
    if (chance(random, 20)) yield forget(scope);
  }
  if (chance(random, 60)) yield forget(scope);
  yield* list(scope, path);
}

/** Flags that new objects inherit come to objects that cannot be told to have any. */
export function* inheritFlags(scope: Scope): Steps {
  const { random } = scope;
  const dir = scope.path('dir');
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, dir));
  const flags = [pick(random, ['FS_NOATIME_FL', 'FS_NODUMP_FL', 'FS_SYNC_FL'])];
  yield byRoot(drawStep(scope, 'toggleXflags', { fd, flags }));
  const paths: string[] = [];
  for (let objects = random.nextInt(1, 3); objects > 0; objects--) {
    const path = freeName(scope, dir);
    yield byRoot(make(scope, pick(random, ['symlink', 'symlink', 'file', 'other', 'dir']), path));
    paths.push(path);
  }
  yield chance(random, 80) ? { op: 'rotate', args: {} } : forget(scope);
  for (const path of paths) yield* changeObject(scope, path, 90);
}

/** Changes of an object are forbidden, or allowed again, and that outlives the caches. */
export function* protectionStays(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file', 'dir') : scope.path('file', 'dir');
  const flags = [pick(random, ['FS_IMMUTABLE_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL'])];
  for (let turns = random.nextInt(1, 3); turns > 0; turns--) {
    const fd = random.nextInt(0, BOUND.slots - 1);
    yield byRoot(hold(scope, fd, path));
    yield byRoot(drawStep(scope, 'toggleXflags', { fd, flags }));
    if (chance(random, 60)) yield forget(scope);
    if (chance(random, 60)) yield* changeObject(scope, path, 70);
  }
}

/** A capability is set, copied up and lost, in any order. */
export function* lifeOfCapability(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file');
  const name = 'security.capability';
  if (chance(random, 50)) yield* changeFile(scope, path, true);
  yield byRoot(drawStep(scope, 'setxattr', { path, name, value: CAPABILITY, flags: [] }));
  if (chance(random, 25)) yield { op: 'rotate', args: {} };
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    yield* changeFile(scope, path, chance(random, 50));
    yield drawStep(scope, 'getxattr', { path, name, size: 64 });
  }
}

/** A name of a directory that nothing has, or any when all are taken. */
export function freeName(scope: Scope, dir: string): string {
  for (let tries = 0; tries < 4; tries++) {
    const path = nameIn(scope, dir);
    if (scope.typeOf(path) === undefined) return path;
  }
  return nameIn(scope, dir);
}

/** A new object, by the one call that makes any of its type. */
function fresh(scope: Scope, type: Guessed, path: string): Step {
  const slot = scope.random.nextInt(0, BOUND.slots - 1);
  const flags = type === 'file' ? { flags: ['O_RDWR', 'O_CREAT'], slot } : {};
  return byRoot(drawStep(scope, FRESH[type], { path, ...flags }));
}

/** Nothing of the tree is cached any more. */
export function forget({ random }: Scope): Step {
  return chance(random, 65) ? { op: 'remount', args: {} } : { op: 'dropCaches', args: {} };
}

export function byRoot(step: Step): Step {
  return { ...step, as: 'root' };
}

/** Any change that copies an object up and leaves it where it is; of files so many of metadata. */
export function* changeObject(scope: Scope, path: string, metadataPercent: number): Steps {
  const type = scope.typeOf(path);
  if (type === 'file') {
    yield* changeFile(scope, path, chance(scope.random, metadataPercent));
    return;
  }
  const ops: readonly OpName[] = ['lchown', 'lchown', 'utimens', 'lsetxattr', 'chmod', 'rename'];
  const op = pick(scope.random, type === 'dir' ? ops.slice(0, -1) : ops);
  yield byRoot(drawStep(scope, op, { path, from: path }));
}

function* changeFile(scope: Scope, path: string, isMetadata: boolean): Steps {
  const { random } = scope;
  if (isMetadata) {
    yield byRoot(drawStep(scope, pick(random, METADATA), { path, from: path }));
    return;
  }
  if (chance(random, 35)) {
    yield byRoot(drawStep(scope, 'truncate', { path }));
    return;
  }
  const slot = random.nextInt(0, BOUND.slots - 1);
  const isEmptied = chance(random, 25);
  const flags = isEmptied ? ['O_RDWR', 'O_TRUNC'] : READ_WRITE.flags;
  yield byRoot(drawStep(scope, 'open', { slot, path, flags }));
  if (chance(random, 75)) yield drawStep(scope, pick(random, ['write', 'pwrite']), { fd: slot });
}

function* readFile(scope: Scope, path: string): Steps {
  const fd = scope.random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, path));
  yield drawStep(scope, scope.typeOf(path) === 'dir' ? 'getdents' : 'read', { fd, size: 4096 });
}

export function* list(scope: Scope, path: string): Steps {
  const fd = scope.random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, path));
  yield drawStep(scope, 'getdents', { fd, size: 4096 });
}
