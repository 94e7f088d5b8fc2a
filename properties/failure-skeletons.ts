import { BOUND } from '../model/flags.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { chance, pick, some } from './draw.ts';
import { parentOf } from './guess.ts';
import { childrenOf, drawStep, hold, make, nameIn, removeTree, USES_OF_FD } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/**
 * What is tried fails, late enough that something was done by then; and whoever has the object
 * open, or a handle of it, finds it as it was.
 */
export function* failedChange(scope: Scope): Steps {
  const { random } = scope;
  let dir = chance(random, 50) ? scope.lowerOnly('dir') : scope.path('dir');
  // One that only upper has: what fails, fails there.
  const isNew = chance(random, 40);
  if (isNew) {
    dir = scope.newPath();
    yield byRoot(drawStep(scope, 'mkdir', { path: dir, mode: 0o755 }));
    yield byRoot(make(scope, pick(random, ['file', 'dir', 'other']), nameIn(scope, dir)));
  }
  let inside = childrenOf(scope, dir);
  if (inside.length === 0) {
    inside = [nameIn(scope, dir)];
    yield byRoot(make(scope, pick(random, ['file', 'dir', 'other']), inside[0] ?? dir));
  }
  const child = pick(random, inside);
  const fd = random.nextInt(0, BOUND.slots - 1);
  const held = chance(random, 70) ? dir : child;
  yield byRoot(hold(scope, fd, held));
  for (let tries = random.nextInt(1, 2); tries > 0; tries--) {
    const attempts = isNew && chance(random, 55) ? IN_UPPER_ALONE : ATTEMPTS;
    const attempt = pick(random, attempts);
    yield byRoot(attempt(scope, dir, child));
    const uses = scope.typeOf(held) === 'dir' ? USES_OF_DIR : USES_OF_FILE;
    for (const use of some(random, uses, random.nextInt(2, 4))) {
      yield byRoot(drawStep(scope, use, { fd }));
    }
  }
  const path = pick(random, [dir, child]);
  if (chance(random, 40)) yield drawStep(scope, pick(random, LATER), { path, from: path });
}

const USES_OF_DIR: readonly OpName[] = [
  ...(['getcwd', 'getcwd', 'fdPath', 'getdents', 'fstat'] as const),
  ...(['fchmod', 'reopenFd', 'encodeFdHandle'] as const),
];
const USES_OF_FILE: readonly OpName[] = [
  ...(['fdPath', 'fstat', 'fchmod', 'read', 'linkFd'] as const),
  ...(['reopenFd', 'encodeFdHandle'] as const),
];
const LATER: readonly OpName[] = ['stat', 'unlink', 'rmdir', 'rename', 'chmod', 'lchown'];

/** A call that fails of a directory that is not empty and something that is in it. */
type Attempt = (scope: Scope, dir: string, child: string) => Step;

const rename = (scope: Scope, from: string, to: string, flags: readonly string[] = []): Step =>
  drawStep(scope, 'rename', { from, to, flags });
const open = (scope: Scope, path: string, flags: readonly string[]): Step =>
  drawStep(scope, 'open', { path, flags });

const removeDir: Attempt = (scope, dir) => drawStep(scope, 'rmdir', { path: dir });

/** What overlayfs leaves to the upper file system to refuse. */
const IN_UPPER_ALONE: readonly Attempt[] = [
  removeDir,
  removeDir,
  (scope, dir) => rename(scope, scope.movableDir(), dir),
];

const ATTEMPTS: readonly Attempt[] = [
  // ENOTEMPTY, and the wrong type for the call.
  removeDir,
  removeDir,
  (scope, dir) => drawStep(scope, 'unlink', { path: dir }),
  (scope, _, child) => drawStep(scope, 'rmdir', { path: child }),
  // What is there cannot be replaced: ENOTEMPTY, EISDIR, ENOTDIR, EEXIST.
  (scope, dir) => rename(scope, scope.movableDir(), dir),
  (scope, dir) => rename(scope, scope.movableDir(), dir),
  (scope, dir) => rename(scope, scope.lowerOnly('file', 'symlink', 'other'), dir),
  (scope, dir) => rename(scope, dir, scope.path('file')),
  (scope, dir, child) => rename(scope, child, dir, ['RENAME_NOREPLACE']),
  (scope, dir) => rename(scope, scope.lowerOnly('file', 'dir'), dir, ['RENAME_NOREPLACE']),
  (scope, _, child) => rename(scope, scope.lowerOnly('file'), child, ['RENAME_NOREPLACE']),
  // It has nowhere to go: EINVAL, ENOENT, and EXDEV where there are no redirects.
  (scope, dir, child) => rename(scope, dir, child),
  (scope, dir) => rename(scope, dir, nameIn(scope, dir)),
  (scope, dir) => rename(scope, dir, scope.newPath()),
  (scope, dir) => rename(scope, dir, scope.newPath(), ['RENAME_EXCHANGE']),
  // The name is taken.
  (scope, _, child) => drawStep(scope, 'mkdir', { path: child }),
  (scope, dir) => drawStep(scope, pick(scope.random, ['mkdir', 'mknod', 'symlink']), { path: dir }),
  (scope, _, child) => drawStep(scope, 'link', { from: scope.lowerOnly('file'), to: child }),
  (scope, dir) => drawStep(scope, 'link', { from: dir, to: scope.newPath(), flags: [] }),
  (scope, dir, child) =>
    open(scope, pick(scope.random, [dir, child]), ['O_RDWR', 'O_CREAT', 'O_EXCL']),
  // It cannot be opened so: EISDIR, ENOTDIR.
  (scope, dir) => open(scope, dir, pick(scope.random, [['O_RDWR'], ['O_WRONLY', 'O_TRUNC']])),
  (scope, _, child) => open(scope, `${child}/${child}`, ['O_RDONLY']),
];

/** An open object of lower layers goes, mostly with the directory that it was in, and changes. */
export function* changeWithoutName(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('dir', 'file', 'file', 'other');
  const parent = parentOf(path);
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, path));
  const root = parent !== '.' && chance(random, 75) ? parent : path;
  for (const step of removeTree(scope, root)) yield byRoot(step);
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    yield byRoot(drawStep(scope, pick(random, USES_OF_FD), { fd }));
  }
}

/** What the upper layer has instead of a lower object is taken away beneath the overlay. */
export function* changedBeneath(scope: Scope): Steps {
  const { random } = scope;
  if (chance(random, 25)) {
    const path = scope.lowerOnly('dir');
    yield { op: 'changeBeneath', args: { path, change: 'mkfifo', call: 'rename' } };
    return;
  }
  const path = scope.lowerOnly('file', 'symlink', 'other');
  const isGone = chance(random, 50);
  yield byRoot(drawStep(scope, isGone ? 'unlink' : 'lchown', { path }));
  const calls = isGone ? (['mkdir', 'mkfifo'] as const) : (['unlink', 'unlink', 'rename'] as const);
  yield { op: 'changeBeneath', args: { path, change: 'unlink', call: pick(random, calls) } };
}

/** A file that is open loses its names one after the other, and somebody watches the last one. */
export function* watchedToTheEnd(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.path('file');
  const other = scope.newPath();
  yield byRoot(drawStep(scope, 'link', { from: path, to: other, flags: [] }));
  const [first, last] = chance(random, 50) ? [path, other] : [other, path];
  yield byRoot(hold(scope, random.nextInt(0, BOUND.slots - 1), first));
  yield byRoot(drawStep(scope, 'unlink', { path: first }));
  const change = pick(random, ['unlink', 'unlink', 'write'] as const);
  const args = { path: last, caches: 'kept', change, name: last, to: first } as const;
  yield { op: 'watchChange', args };
}
