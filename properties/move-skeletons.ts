import { chance, pick } from './draw.ts';
import { parentOf } from './guess.ts';
import { drawStep, nameIn, takeName } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot, forget, freeName, list } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

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
  if (chance(random, 40)) yield forget(scope);
  const inside = scope.below(moved).filter((at) => scope.typeOf(at) === 'dir');
  const child = inside.length > 0 ? pick(random, inside) : nameIn(scope, moved);
  const to = chance(random, 50) ? freeName(scope, dir) : scope.newPath();
  yield byRoot(drawStep(scope, 'rename', { from: child, to, flags: [] }));
  if (chance(random, 80)) yield forget(scope);
  yield* list(scope, pick(random, [to, to, moved]));
}
