import { BOUND } from '../model/flags.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { LayerName } from '../model/ops/op.ts';
import { NAMES } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { drawStep } from './idioms.ts';
import { parentOf } from './guess.ts';
import { lowerWith } from './layers.ts';
import type { Scope } from './scope.ts';
import { byRoot, changeObject, forget, freeName } from './skeletons.ts';
import type { Steps } from './skeletons.ts';

/**
 * Skeletons about the index, as in skeletons.ts: what its entries stand for goes or changes while
 * nothing is mounted, and the next mount or lookup has to notice.
 */

/** As a mount writes them, as only a change that failed leaves them, and as nothing does. */
const COUNTS = [
  ...(['L-1', 'L+0', 'L+1', 'L-2', 'U+0', 'U+1', 'U-1', 'U-2'] as const),
  ...(['U+9', 'L', 'U', '+1', 'L-x', 'u+1', ''] as const),
] as const;

/** The upper object of an entry, or the lower one, goes, moves or is another one by now. */
export function* entryOutlivesObject(scope: Scope): Steps {
  const { random, links } = scope;
  const isLinked = links.length > 0 && chance(random, 50);
  const names = isLinked ? pick(random, links) : [scope.lowerOnly('file', 'dir')];
  const path = pick(random, names);
  const handle = random.nextInt(0, BOUND.handles - 1);
  const whole = { path, handle, flags: [], size: 128 };
  if (chance(random, 60)) yield byRoot(drawStep(scope, 'encodeHandle', whole));
  yield* changeObject(scope, path, 60);
  const isLowerFirst = chance(random, 50);
  const goes = chance(random, 45);
  if (goes && isLowerFirst) yield* removeFrom(scope, 0, names);
  yield* changeUpper(scope, path);
  if (goes && !isLowerFirst) yield* removeFrom(scope, 0, names);
  const slot = random.nextInt(0, BOUND.slots - 1);
  const how = { slot, handle, flags: ['O_RDONLY'], damage: 'none' };
  if (chance(random, 60)) yield byRoot(drawStep(scope, 'openHandle', how));
  for (const name of names) if (chance(random, 60)) yield* changeObject(scope, name, 60);
}

/** The upper object loses its name, gets another one, or something else has it. */
function* changeUpper(scope: Scope, path: string): Steps {
  const { random } = scope;
  const fate = random.nextInt(0, 9);
  if (fate < 3) {
    const to = chance(random, 50) ? pick(random, NAMES) : scope.newPath();
    yield edit(scope, 'offlineRename', 'upper', { from: path, to, flags: [] });
    return;
  }
  yield* removeFrom(scope, 'upper', [path]);
  if (fate < 7) return;
  const op = scope.typeOf(path) === 'dir' ? 'offlineMkdir' : 'offlineCreate';
  yield edit(scope, op, 'upper', { path });
}

function* removeFrom(scope: Scope, layer: LayerName, paths: readonly string[]): Steps {
  for (const path of paths) {
    const op = scope.typeOf(path) === 'dir' ? 'offlineRemoveTree' : 'offlineUnlink';
    yield edit(scope, op, layer, { path });
  }
}

/** The lower object that was copied up and another one change places, so that names mislead. */
export function* originElsewhere(scope: Scope): Steps {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const other = scope.lowerOnly('file');
  yield* changeObject(scope, path, 80);
  const layer = lowerWith(scope.layers, path);
  const flags = other === path ? [] : ['RENAME_EXCHANGE'];
  const to = other === path ? freeName(scope, parentOf(path)) : other;
  yield edit(scope, 'offlineRename', layer, { from: path, to, flags });
  yield* lookAt(scope, [path]);
  yield* changeObject(scope, pick(random, [path, to]), 60);
}

/** What is on disk of the link count of a file with several names is somebody's. */
export function* countByHand(scope: Scope): Steps {
  const { random, links } = scope;
  const alone = scope.lowerOnly('file');
  const [one, other] = links.length > 0 ? pick(random, links) : [alone, alone];
  yield* changeObject(scope, one, 60);
  if (chance(random, 40)) yield* changeObject(scope, other, 60);
  const mark = { path: one, name: 'trusted.overlay.nlink', value: pick(random, COUNTS) };
  yield edit(scope, 'offlineSetMark', 'upper', mark);
  for (let uses = random.nextInt(1, 3); uses > 0; uses--) {
    const path = pick(random, [one, other]);
    const op = pick(random, ['stat', 'unlink', 'unlink', 'link', 'rename'] as const);
    if (chance(random, 30)) yield* changeObject(scope, path, 60);
    else yield byRoot(drawStep(scope, op, { path, from: path }));
  }
}

/**
 * Something is in the directories that overlayfs has for itself. It is made beside them, as each
 * change is followed by a mount that clears them.
 */
export function* leftInWork(scope: Scope): Steps {
  const { random } = scope;
  const name = pick(random, NAMES);
  const isDir = chance(random, 70);
  yield edit(scope, isDir ? 'offlineMkdir' : 'offlineCreate', 'work', { path: name });
  if (isDir && chance(random, 70)) {
    const op = pick(random, ['offlineMkdir', 'offlineCreate', 'offlineMknod'] as const);
    yield edit(scope, op, 'work', { path: `${name}/${pick(random, NAMES)}` });
  }
  // What is no entry of an index is refused, and that ends a scenario.
  const places = ['work/', 'work/', 'work/', 'index/#', 'index/#', 'index/#', 'index/'];
  const to = pick(random, places) + name;
  // An entry may well have a name elsewhere, too.
  if (!isDir && chance(random, 50)) {
    yield edit(scope, 'offlineLink', 'work', { from: name, to });
    return;
  }
  yield edit(scope, 'offlineRename', 'work', { from: name, to, flags: [] });
}

/** The upper layer or the work directory is a copy, which the index was not made for. */
export function* otherLayers(scope: Scope): Steps {
  const layer = pick(scope.random, ['upper', 'upper', 'work'] as const);
  const by = pick(scope.random, [['xattrs', 'links'], ['xattrs'], []]);
  yield edit(scope, 'offlineReplace', layer, { by, work: 'stays', otherFs: 0 });
}

/** What had one name when it was found, or copied up, has two in its layer from then on. */
export function* linkedBelow(scope: Scope): Steps {
  const { random } = scope;
  const one = scope.lowerOnly('file', 'file', 'file', 'symlink', 'other');
  const dir = chance(random, 75) ? parentOf(one) : scope.path('dir');
  const other = freeName(scope, dir);
  const isBefore = chance(random, 40);
  const layer = !isBefore && chance(random, 25) ? 'upper' : lowerWith(scope.layers, one);
  const linking = { from: one, to: other };
  if (isBefore) yield edit(scope, 'offlineLink', layer, linking);
  yield* changeObject(scope, one, 70);
  if (!isBefore) yield edit(scope, 'offlineLink', layer, linking);
  const names = [one, other];
  yield* lookAt(scope, names);
  yield* changeObject(scope, pick(random, names), 70);
  yield byRoot(drawStep(scope, 'unlink', { path: pick(random, names) }));
  if (chance(random, 30)) yield* lookAt(scope, names);
  yield forget(scope);
  yield* lookAt(scope, names);
}

function* lookAt(scope: Scope, paths: readonly string[]): Steps {
  for (const path of paths) yield byRoot(drawStep(scope, 'stat', { path, flags: [] }));
}

function edit(scope: Scope, op: OpName, layer: LayerName, given: Record<string, unknown>): Step {
  return byRoot(drawStep(scope, op, { ...given, layer }));
}
