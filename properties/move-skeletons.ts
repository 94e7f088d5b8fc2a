import { BOUND } from '../model/flags.ts';
import type { Entry } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';
import { parentOf } from './guess.ts';
import { childrenOf, drawStep, hold, make, nameIn, takeName } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeObject, forget, freeName, fresh, KINDS, list } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

const NO_DIRS = ['file', 'file', 'symlink', 'other'] as const;

/** What lower layers have gets another name, then moves on to a directory that is new. */
export function* moveTwice(scope: Scope): Steps {
  const { random } = scope;
  const isDir = scope.hasRedirects && chance(random, 60);
  let from = isDir ? scope.lowerOnly('dir') : scope.lowerOnly('file', 'symlink', 'other');
  if (chance(random, 60)) {
    const to = nameIn(scope, parentOf(from));
    yield drawStep(scope, 'rename', { from, to, flags: [] });
    from = to;
  } else if (chance(random, 50)) {
    yield drawStep(scope, 'lchown', { path: from });
  }
  const dir = scope.newPath();
  yield drawStep(scope, 'mkdir', { path: dir });
  const to = nameIn(scope, dir);
  const isExchange = chance(random, 40);
  if (isExchange) yield make(scope, isDir ? 'dir' : 'file', to);
  const flags = isExchange ? ['RENAME_EXCHANGE'] : [];
  // Whichever of them is named first: both directories get something.
  const args = isExchange && chance(random, 50) ? { from: to, to: from } : { from, to };
  yield drawStep(scope, 'rename', { ...args, flags });
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield hold(scope, fd, dir);
  yield drawStep(scope, 'getdents', { fd });
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
    const inside = childrenOf(scope, path);
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
    if (chance(random, 12)) yield { op: 'rotate', args: {} };
    else if (chance(random, 15)) yield forget(scope);
  }
  if (chance(random, 60)) yield forget(scope);
  yield* list(scope, path);
}

/**
 * A directory moves into one that hides what is below it, or into one that moved itself; then what
 * is in it moves on. Each place is found by the paths that all of those noted.
 */
export function* moveThroughMoved(scope: Scope): Steps {
  const { random } = scope;
  const from = scope.hasRedirects ? scope.lowerOnly('dir') : scope.movableDir();
  const target = scope.path('dir');
  const isApart = target !== from && !target.startsWith(`${from}/`) && target !== '.';
  const way = random.nextInt(0, 3);
  let dir = isApart ? target : scope.newPath();
  if (isApart && way < 2) yield* takeName(scope, dir);
  if (!isApart || way < 2) {
    yield byRoot(drawStep(scope, 'mkdir', { path: dir, mode: 0o755 }));
  } else if (way === 2) {
    const to = freeName(scope, parentOf(dir));
    yield byRoot(drawStep(scope, 'rename', { from: dir, to, flags: [] }));
    if (scope.typeOf(to) === 'dir') dir = to;
  }
  const moved = freeName(scope, dir);
  yield byRoot(drawStep(scope, 'rename', { from, to: moved, flags: [] }));
  // What moved is a lower directory, or is found anew, or moves on as it is.
  if (chance(random, 30)) yield { op: 'rotate', args: {} };
  else if (chance(random, 35)) yield forget(scope);
  const inside = scope.below(moved).filter((at) => scope.typeOf(at) === 'dir');
  const child = inside.length > 0 ? pick(random, inside) : nameIn(scope, moved);
  const to = chance(random, 50) ? freeName(scope, dir) : scope.newPath();
  yield byRoot(drawStep(scope, 'rename', { from: child, to, flags: [] }));
  if (chance(random, 80)) yield forget(scope);
  yield* list(scope, pick(random, [to, to, moved]));
}

/** A listing is kept by an open directory while others come and go. */
export function* heldListing(scope: Scope): Steps {
  const { random } = scope;
  const marked = scope.layers.flatMap(({ entries }) => entries.filter(mayHideByXattr));
  const isMarked = marked.length > 0 && chance(random, 50);
  const dir = isMarked ? pick(random, marked).path : scope.path('dir');
  const fd = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(hold(scope, fd, dir));
  yield drawStep(scope, 'getdents', { fd, size: pick(random, [4096, 4096, 96]) });
  for (let changes = random.nextInt(1, 2); changes > 0; changes--) {
    const inside = childrenOf(scope, dir);
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

/** Files in such a directory are looked up each time that they are listed. */
function mayHideByXattr({ type, xattrs = {} }: Entry): boolean {
  const marks = Object.keys(xattrs).filter((name) => name.endsWith('.overlay.opaque'));
  return type === 'dir' && marks.some((name) => xattrs[name] === 'x');
}
