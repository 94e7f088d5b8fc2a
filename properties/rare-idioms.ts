import type fc from 'fast-check';
import { BOUND } from '../model/flags.ts';
import { VALID_ACLS } from './arbitraries.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { parentOf } from './guess.ts';
import { drawStep, hold, make, nameIn, takeName } from './idioms.ts';
import type { Idiom } from './idioms.ts';
import { IS_EXPORTED, IS_INDEXED, IS_METACOPY, IS_REDIRECTED, IS_VOLATILE } from './options.ts';
import type { Step } from '../model/ops/index.ts';
import { randomAt } from './random.ts';
import type { Scope } from './scope.ts';
import { askOfFiles } from './data-skeletons.ts';
import { changedBeneath, changeWithoutName, failedChange } from './failure-skeletons.ts';
import { handleAcrossChange, handleOfMetacopy, handleOutlivesName } from './handle-skeletons.ts';
import { handleBitByBit, handleOfMovedDir, handlesByHand } from './handle-skeletons.ts';
import { countByHand, entryOutlivesObject, leftInWork } from './index-skeletons.ts';
import { linkedBelow, otherLayers } from './index-skeletons.ts';
import { moveThroughMoved } from './move-skeletons.ts';
import { appendLater, copyOverLayers, inheritFlags } from './skeletons.ts';
import {
  heldListing,
  inheritGroup,
  lifeOfCapability,
  moveAgain,
  moveAndList,
} from './skeletons.ts';
import { byRoot, otherNameOfCopy, protectionStays } from './skeletons.ts';

/** Idioms, and how often each comes. */
type Weights = readonly (readonly [(scope: Scope) => Idiom, number])[];

/** Steps that belong together, in states that few scenarios come to. */
const USUAL: Weights = [
  [moveTwice, 3],
  [inheritLists, 3],
  [listOfOwner, 2],
  [failedChange, 8],
  [changeWithoutName, 3],
  [dataAfterMetadata, 2],
  [otherNameOfCopy, 4],
  [copyOverLayers, 3],
  [inheritGroup, 3],
  [appendLater, 2],
  [moveAndList, 5],
  [moveAgain, 3],
  [moveThroughMoved, 2],
  [heldListing, 3],
  [inheritFlags, 2],
  [protectionStays, 2],
  [lifeOfCapability, 2],
  [askOfFiles, 7],
];

/** What a mount that has a feature is worth looking at for, next to the usual. */
const OF_FEATURES: readonly (readonly [feature: RegExp, Weights])[] = [
  [
    IS_REDIRECTED,
    [
      [moveTwice, 5],
      [moveAgain, 5],
      [moveAndList, 3],
      [moveThroughMoved, 8],
    ],
  ],
  [
    IS_METACOPY,
    [
      [dataAfterMetadata, 9],
      [lifeOfCapability, 5],
      [copyOverLayers, 5],
      [otherNameOfCopy, 5],
    ],
  ],
  [
    IS_INDEXED,
    [
      [entryOutlivesObject, 8],
      [countByHand, 5],
      [otherNameOfCopy, 4],
      [leftInWork, 2],
      [otherLayers, 1],
    ],
  ],
  [
    IS_EXPORTED,
    [
      [handleAcrossChange, 12],
      [handleOutlivesName, 8],
      [handleOfMovedDir, 4],
      [handleBitByBit, 6],
      [handlesByHand, 5],
    ],
  ],
];
/** What was mounted volatile is not mounted again: such steps would be the last ones. */
const OF_REMOUNTS: Weights = [
  [changedBeneath, 4],
  [linkedBelow, 5],
];
/** No kernel has both so far, but for those that somebody patches. */
const OF_PAIR: Weights = [[handleOfMetacopy, 120]];

/** How many scenarios have such idioms, and how many of theirs are. */
const PERCENT = 65;
const IDIOM_PERCENT = 80;
const STREAM = 0x2000_0000;

/**
 * What scenario `index` takes its idioms from besides the usual ones; null for some. All of it is
 * chosen by random numbers of its own, so that other scenarios stay as they are.
 */
export function rareIdioms(
  seed: number,
  index: number,
  options: string,
): ((scope: Scope) => Idiom | null) | null {
  const own: fc.Random = randomAt(seed, index ^ STREAM);
  if (!chance(own, PERCENT)) return null;
  const idioms = wheel(idiomsFor(options));
  return (scope) => (chance(own, IDIOM_PERCENT) ? spin(own, idioms)(scope) : null);
}

function idiomsFor(options: string): Weights {
  if (IS_VOLATILE.test(options)) return USUAL;
  const features = OF_FEATURES.filter(([feature]) => feature.test(options));
  const isPair = IS_EXPORTED.test(options) && IS_METACOPY.test(options);
  const own = features.flatMap(([, idioms]) => idioms);
  return [...USUAL, ...OF_REMOUNTS, ...own, ...(isPair ? OF_PAIR : [])];
}

/** Whether a scenario has such idioms, if it can change anything. */
export function hasRareIdioms(seed: number, index: number): boolean {
  return chance(randomAt(seed, index ^ STREAM), PERCENT);
}

/** What lower layers have gets another name, then moves on to a directory that is new. */
function* moveTwice(scope: Scope): Generator<Step, void> {
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

/** What is made in a directory inherits its list, where nothing was and where something was. */
function* inheritLists(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const dir = scope.path('dir');
  const list = { name: 'system.posix_acl_default', value: pick(random, VALID_ACLS), flags: [] };
  yield drawStep(scope, 'setxattr', { path: dir, ...list });
  if (chance(random, 30)) yield drawStep(scope, 'chmod', { path: dir, mode: 0o2775 });
  for (let objects = random.nextInt(1, 3); objects > 0; objects--) {
    const inside = scope.below(dir).filter((at) => parentOf(at) === dir);
    const isTaken = inside.length > 0 && chance(random, 70);
    const path = isTaken ? pick(random, inside) : nameIn(scope, dir);
    if (isTaken) yield* takeName(scope, path);
    yield make(scope, pick(random, ['dir', 'file', 'file', 'other']), path);
    if (chance(random, 80)) continue;
    const slot = random.nextInt(0, BOUND.slots - 1);
    yield drawStep(scope, 'open', { slot, path: dir, flags: ['O_RDWR', 'O_TMPFILE'] });
  }
}

/** Who owns a file but is not in its group sets a list, and loses what the group lent. */
function* listOfOwner(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const path = chance(random, 60) ? scope.lowerOnly('file') : scope.path('file', 'dir');
  const gid = pick(random, [0, 1001]);
  const mode = pick(random, [0o2755, 0o2775, 0o6755]);
  const list = { name: 'system.posix_acl_access', value: pick(random, VALID_ACLS), flags: [] };
  yield { ...drawStep(scope, 'chown', { path, uid: 1000, gid }), as: 'root' };
  yield { ...drawStep(scope, 'chmod', { path, mode }), as: 'root' };
  yield { ...drawStep(scope, 'setxattr', { path, ...list }), as: 'alice' };
}

/** A lower file is copied up for what is not data, and then, perhaps later, for its data. */
function* dataAfterMetadata(scope: Scope): Generator<Step, void> {
  const { random } = scope;
  const path = scope.lowerOnly('file');
  const fd = random.nextInt(0, BOUND.slots - 1);
  if (chance(random, 40)) yield byRoot(hold(scope, fd, path));
  if (chance(random, 75)) {
    const op = pick(random, ['chmod', 'lchown', 'utimens', 'link'] as const);
    yield byRoot(drawStep(scope, op, { path, from: path }));
  }
  if (chance(random, 30)) yield drawStep(scope, 'remount', {});
  if (chance(random, 50)) {
    yield { ...drawStep(scope, 'truncate', { path }), as: 'root' };
  } else {
    const slot = (fd + 1) % BOUND.slots;
    yield { ...drawStep(scope, 'open', { slot, path, flags: ['O_RDWR'] }), as: 'root' };
    yield drawStep(scope, 'write', { fd: slot });
  }
  yield drawStep(scope, 'read', { fd });
}
