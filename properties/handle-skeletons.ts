import { BOUND } from '../model/flags.ts';
import { chance, pick } from './draw.ts';
import { drawStep, takeName } from './idioms.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeObject, forget } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/** Skeletons about file handles: as in skeletons.ts. */

/** A handle is taken before and after an object changes, and used while nothing is cached. */
export function* handleAcrossChange(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 75)
    ? scope.lowerOnly('file', 'file', 'dir', 'symlink')
    : scope.path();
  const whole = { path, flags: [], size: 128 };
  yield byRoot(drawStep(scope, 'encodeHandle', { ...whole, handle: 0 }));
  if (chance(random, 75)) yield* changeObject(scope, path, 60);
  if (chance(random, 60)) yield byRoot(drawStep(scope, 'encodeHandle', { ...whole, handle: 1 }));
  if (chance(random, 55)) yield* takeName(scope, path);
  if (chance(random, 65)) yield forget(scope);
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    const slot = random.nextInt(0, BOUND.slots - 1);
    const damage = chance(random, 80) ? { damage: 'none' } : {};
    const given = { slot, handle: random.nextInt(0, 1), flags: ['O_RDONLY'], ...damage };
    yield byRoot(drawStep(scope, 'openHandle', given));
    const op = pick(random, ['fstat', 'read', 'getdents', 'fchmod', 'getcwd', 'fdPath'] as const);
    yield drawStep(scope, op, { fd: slot });
  }
}

/** A handle is opened when its object has lost its name, and mostly nothing is cached. */
export function* handleOutlivesName(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 70) ? scope.lowerOnly('file', 'file', 'dir', 'other') : scope.path();
  const handle = random.nextInt(0, BOUND.handles - 1);
  const slot = random.nextInt(0, BOUND.slots - 1);
  if (chance(random, 30)) yield drawStep(scope, 'lchown', { path });
  yield drawStep(scope, 'encodeHandle', { path, handle, flags: [], size: 128 });
  yield* takeName(scope, path);
  if (chance(random, 70)) yield drawStep(scope, 'remount', {});
  const flags = [pick(random, ['O_RDONLY', 'O_RDWR'])];
  yield byRoot(drawStep(scope, 'openHandle', { slot, handle, flags, damage: 'none' }));
  yield drawStep(scope, pick(random, ['fstat', 'fchmod', 'read']), { fd: slot });
}

/** A file of which only the attributes were copied up, or are about to, is found by its handle. */
export function* handleOfMetacopy(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const handle = random.nextInt(0, BOUND.handles - 1);
  const slot = random.nextInt(0, BOUND.slots - 1);
  yield byRoot(drawStep(scope, 'encodeHandle', { path, handle, flags: [], size: 128 }));
  const op = pick(random, [
    'chmod',
    'lchown',
    'utimens',
    'link',
    'rename',
    'offlineRename',
  ] as const);
  if (chance(random, 85)) yield byRoot(drawStep(scope, op, { path, from: path }));
  if (chance(random, 20)) yield drawStep(scope, 'rotate', {});
  const flags = [pick(random, ['O_RDONLY', 'O_RDWR'])];
  yield byRoot(drawStep(scope, 'openHandleCold', { slot, handle, flags }));
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    const use = pick(random, ['read', 'fchmod', 'pwrite', 'ftruncate', 'linkFd'] as const);
    yield byRoot(drawStep(scope, use, { fd: slot }));
  }
}

/** The directory that a handle of the upper layer names is in a lower one, or at another path. */
export function* handleOfMovedDir(scope: Scope): Steps {
  const { random } = scope;
  let path = scope.movableDir();
  if (chance(random, 60)) {
    path = scope.newPath();
    yield byRoot(drawStep(scope, 'mkdir', { path }));
  }
  const handle = random.nextInt(0, BOUND.handles - 1);
  yield byRoot(drawStep(scope, 'encodeHandle', { path, handle, flags: [], size: 128 }));
  if (chance(random, 30)) {
    yield byRoot(drawStep(scope, 'rename', { from: path, to: scope.newPath(), flags: [] }));
  }
  yield chance(random, 70) ? { op: 'rotate', args: {} } : forget(scope);
  const slot = random.nextInt(0, BOUND.slots - 1);
  const how = { slot, handle, flags: ['O_RDONLY'], damage: 'none' };
  yield byRoot(drawStep(scope, 'openHandle', how));
  yield drawStep(scope, pick(random, ['fstat', 'getdents', 'getcwd', 'fdPath']), { fd: slot });
}

/** Handles that no kernel gave out, and what is told who does not know how much room one needs. */
export function* handlesByHand(scope: Scope): Steps {
  const { random } = scope;
  for (let handles = random.nextInt(1, 3); handles > 0; handles--) {
    yield byRoot(drawStep(scope, 'openMadeHandle', {}));
  }
  if (chance(random, 40)) return;
  const asked = { path: scope.path(), handle: random.nextInt(0, BOUND.handles - 1), flags: [] };
  const size = pick(random, [0, 0, 4, 16, 24]);
  yield byRoot(drawStep(scope, 'encodeHandle', { ...asked, size }));
  yield byRoot(drawStep(scope, 'encodeHandle', { ...asked, size: 128 }));
}
