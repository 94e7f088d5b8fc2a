import { BOUND } from '../model/flags.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { chance, pick } from './draw.ts';
import type { Guessed } from './guess.ts';
import { drawStep, hold, nameIn } from './idioms.ts';
import type { Scope } from './scope.ts';

/**
 * What bugs of overlayfs had in common: an object is brought into a state, something happens to it,
 * and it is looked at again, mostly by another way or after it left the caches. Who changes what is
 * drawn each time; each step that must not fail is one of root.
 */
export type Steps = Generator<Step, void>;

const METADATA: readonly OpName[] = ['chmod', 'lchown', 'utimens', 'lsetxattr', 'link'];
export const KINDS: readonly Guessed[] = ['dir', 'dir', 'file', 'file', 'symlink', 'other'];
const FRESH: Readonly<Record<Guessed, OpName>> = {
  ...{ dir: 'mkdir', file: 'open', symlink: 'symlink', other: 'mknod' },
};
const READ_WRITE = { flags: ['O_RDWR'] };

/** A name of a directory that nothing has, or any when all are taken. */
export function freeName(scope: Scope, dir: string): string {
  for (let tries = 0; tries < 4; tries++) {
    const path = nameIn(scope, dir);
    if (scope.typeOf(path) === undefined) return path;
  }
  return nameIn(scope, dir);
}

/** A new object, by the one call that makes any of its type. */
export function fresh(scope: Scope, type: Guessed, path: string): Step {
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

export function* changeFile(scope: Scope, path: string, isMetadata: boolean): Steps {
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

export function* readFile(scope: Scope, path: string): Steps {
  const fd = scope.random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, path));
  yield drawStep(scope, scope.typeOf(path) === 'dir' ? 'getdents' : 'read', { fd, size: 4096 });
}

export function* list(scope: Scope, path: string): Steps {
  const fd = scope.random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, path));
  yield drawStep(scope, 'getdents', { fd, size: 4096 });
}
