import { BOUND } from '../model/flags.ts';
import type { Step } from '../model/ops/index.ts';
import { DAMAGEABLE_BYTES } from '../model/overlay/damage.ts';
import { chance, pick, some, spin, wheel } from './draw.ts';
import { parentOf } from './guess.ts';
import { drawStep, nameIn, takeName } from './idioms.ts';
import { lowerWith } from './layers.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeObject, forget } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/** Skeletons about file handles: as in skeletons.ts. */

/** A handle is taken before and after an object changes, and used while nothing is cached. */
export function* handleAcrossChange(scope: Scope): Steps {
  const { random } = scope;
  const path = chance(random, 75)
    ? scope.lowerOnly('file', 'file', 'dir', 'dir', 'symlink')
    : scope.path();
  const whole = { path, flags: [], size: 128 };
  yield byRoot(drawStep(scope, 'encodeHandle', { ...whole, handle: 0 }));
  if (chance(random, 75)) yield* changeObject(scope, path, 60);
  if (scope.typeOf(path) !== 'dir' && chance(random, 12)) {
    const given = { layer: lowerWith(scope.layers, path), from: path, to: scope.newPath() };
    yield byRoot(drawStep(scope, 'offlineLink', given));
  }
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

/** Where the attributes of a file are, and what else there is between them and its data. */
const METACOPY_STATES = wheel([
  [inUpper, 4],
  [inLower, 4],
  [inBoth, 4],
  [inIndexAlone, 5],
  [overMovedOrigin, 5],
  [notYet, 2],
]);
const OF_ATTRIBUTES = ['chmod', 'lchown', 'utimens', 'link', 'rename'] as const;
const OF_ATTRIBUTES_BY_FD = ['fchmod', 'fchown', 'futimens'] as const;
const USES_OF_METACOPY = [
  ...(['read', 'pread', 'fstat', 'fchmod', 'pwrite', 'ftruncate', 'linkFd'] as const),
];

/** A file of which only the attributes were copied up, or are about to, is found by its handle. */
export function* handleOfMetacopy(scope: Scope): Steps {
  const { random } = scope;
  const file: MetacopyHandle = {
    path: scope.lowerOnly('file'),
    handle: random.nextInt(0, BOUND.handles - 1),
    slot: random.nextInt(0, BOUND.slots - 1),
  };
  yield* spin(random, METACOPY_STATES)(scope, file);
  const flags = [pick(random, ['O_RDONLY', 'O_RDONLY', 'O_RDWR'])];
  yield openCold(scope, file, flags);
  for (let uses = random.nextInt(1, 2); uses > 0; uses--) {
    yield byRoot(drawStep(scope, pick(random, USES_OF_METACOPY), { fd: file.slot }));
  }
}

interface MetacopyHandle {
  readonly path: string;
  readonly handle: number;
  readonly slot: number;
}

function* inUpper(scope: Scope, file: MetacopyHandle): Steps {
  const isBefore = chance(scope.random, 70);
  if (isBefore) yield encode(scope, file);
  yield changeAttributes(scope, file);
  if (!isBefore) yield encode(scope, file);
}

/** What was the upper layer is a lower one. */
function* inLower(scope: Scope, file: MetacopyHandle): Steps {
  yield changeAttributes(scope, file);
  yield { op: 'rotate', args: {} };
  yield encode(scope, file);
}

function* inBoth(scope: Scope, file: MetacopyHandle): Steps {
  yield* inLower(scope, file);
  yield changeAttributes(scope, file);
}

/** Who changes the attributes has the file open by its handle: no name leads to the copy. */
function* inIndexAlone(scope: Scope, file: MetacopyHandle): Steps {
  yield encode(scope, file);
  yield openCold(scope, file, ['O_RDONLY']);
  const op = pick(scope.random, OF_ATTRIBUTES_BY_FD);
  yield byRoot(drawStep(scope, op, { fd: file.slot }));
  // As long as it is open it is found in the cache.
  yield byRoot(drawStep(scope, 'close', { fd: file.slot }));
}

/** The lower file has another name by now, or another one has its name. */
function* overMovedOrigin(scope: Scope, file: MetacopyHandle): Steps {
  const { random } = scope;
  yield* inUpper(scope, file);
  const isSwap = chance(random, 50);
  const to = isSwap ? scope.lowerOnly('file') : nameIn(scope, parentOf(file.path));
  const flags = isSwap ? ['RENAME_EXCHANGE'] : [];
  const layer = lowerWith(scope.layers, file.path);
  yield byRoot(drawStep(scope, 'offlineRename', { layer, from: file.path, to, flags }));
}

function* notYet(scope: Scope, file: MetacopyHandle): Steps {
  yield encode(scope, file);
}

function encode(scope: Scope, { path, handle }: MetacopyHandle): Step {
  return byRoot(drawStep(scope, 'encodeHandle', { path, handle, flags: [], size: 128 }));
}

function changeAttributes(scope: Scope, { path }: MetacopyHandle): Step {
  const op = pick(scope.random, OF_ATTRIBUTES);
  return byRoot(drawStep(scope, op, { path, from: path }));
}

function openCold(scope: Scope, { slot, handle }: MetacopyHandle, flags: readonly string[]): Step {
  return byRoot(drawStep(scope, 'openHandleCold', { slot, handle, flags }));
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

/** Bits of a handle that the kernel gave out are wrong when it comes back. */
export function* handleBitByBit(scope: Scope): Steps {
  const { random } = scope;
  const handle = random.nextInt(0, BOUND.handles - 1);
  const path = chance(random, 60) ? scope.lowerOnly('file', 'dir', 'symlink') : scope.path();
  yield byRoot(drawStep(scope, 'encodeHandle', { path, handle, flags: [], size: 128 }));
  for (const byte of some(random, DAMAGEABLE_BYTES, random.nextInt(4, 8))) {
    const slot = random.nextInt(0, BOUND.slots - 1);
    const damage = { byte, flip: random.nextInt(1, 255) };
    yield byRoot(drawStep(scope, 'openHandle', { slot, handle, flags: ['O_RDONLY'], damage }));
  }
}

/** Handles that no kernel gave out, and what is told who does not know how much room one needs. */
export function* handlesByHand(scope: Scope): Steps {
  const { random } = scope;
  for (let handles = random.nextInt(2, 5); handles > 0; handles--) {
    yield byRoot(drawStep(scope, 'openMadeHandle', {}));
  }
  if (chance(random, 40)) return;
  const asked = { path: scope.path(), handle: random.nextInt(0, BOUND.handles - 1), flags: [] };
  const size = pick(random, [0, 0, 4, 16, 24]);
  yield byRoot(drawStep(scope, 'encodeHandle', { ...asked, size }));
  yield byRoot(drawStep(scope, 'encodeHandle', { ...asked, size: 128 }));
}
