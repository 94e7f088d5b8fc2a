import type fc from 'fast-check';
import { DEFAULT_BASE } from './bases.ts';
import * as data from './data-skeletons.ts';
import { chance, spin, wheel } from './draw.ts';
import type { Idiom } from './idioms.ts';
import * as failures from './failure-skeletons.ts';
import * as handles from './handle-skeletons.ts';
import * as entries from './index-skeletons.ts';
import * as moves from './move-skeletons.ts';
import { IS_EXPORTED, IS_INDEXED, IS_METACOPY, IS_REDIRECTED, IS_VOLATILE } from './options.ts';
import * as permissions from './permission-skeletons.ts';
import { randomAt } from './random.ts';
import type { Scope } from './scope.ts';

/** Idioms, and how often each comes. */
type Weights = readonly (readonly [(scope: Scope) => Idiom, number])[];

/** Steps that belong together, in states that few scenarios come to. */
const USUAL: Weights = [
  [moves.moveTwice, 3],
  [permissions.inheritLists, 5],
  [permissions.listOfOwner, 2],
  [failures.watchedToTheEnd, 4],
  [failures.failedChange, 8],
  [failures.changeWithoutName, 3],
  [data.dataAfterMetadata, 2],
  [data.otherNameOfCopy, 4],
  [data.copyOverLayers, 3],
  [permissions.inheritGroup, 3],
  [data.appendLater, 2],
  [moves.moveAndList, 5],
  [moves.moveAgain, 3],
  [moves.moveThroughMoved, 2],
  [moves.heldListing, 3],
  [permissions.inheritFlags, 2],
  [permissions.protectionStays, 2],
  [permissions.lifeOfCapability, 2],
  [permissions.triedByOthers, 5],
  [data.askOfFiles, 7],
];

/** What a mount that has a feature is worth looking at for, next to the usual. */
const OF_FEATURES: readonly (readonly [feature: RegExp, Weights])[] = [
  [
    IS_REDIRECTED,
    [
      [moves.moveTwice, 5],
      [moves.moveAgain, 5],
      [moves.moveAndList, 3],
      [moves.moveThroughMoved, 8],
    ],
  ],
  [
    IS_METACOPY,
    [
      [data.dataAfterMetadata, 9],
      [data.shareOfCopies, 10],
      [permissions.lifeOfCapability, 5],
      [data.copyOverLayers, 5],
      [data.otherNameOfCopy, 5],
    ],
  ],
  [
    IS_INDEXED,
    [
      [entries.entryOutlivesObject, 8],
      [entries.countByHand, 5],
      [entries.originElsewhere, 4],
      [data.otherNameOfCopy, 4],
      [entries.leftInWork, 2],
      [entries.otherLayers, 1],
    ],
  ],
  [
    IS_EXPORTED,
    [
      [handles.handleAcrossChange, 12],
      [handles.handleOutlivesName, 8],
      [handles.handleOfMovedDir, 4],
      [handles.handleBitByBit, 6],
      [handles.handlesByHand, 5],
    ],
  ],
];
/** What tmpfs did not know for long, or takes part in never. */
const OF_OTHER_BASES: Weights = [
  [permissions.inheritFlags, 8],
  [permissions.protectionStays, 3],
  [permissions.privilegesByOtherName, 6],
  [data.askOfFiles, 8],
];
/** What was mounted volatile is not mounted again: such steps would be the last ones. */
const OF_REMOUNTS: Weights = [
  [failures.changedBeneath, 4],
  [entries.linkedBelow, 5],
];
/** No kernel has both so far, but for those that somebody patches. */
const OF_PAIR: Weights = [[handles.handleOfMetacopy, 150]];

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
  { options, base = DEFAULT_BASE }: { readonly options: string; readonly base?: string },
): ((scope: Scope) => Idiom | null) | null {
  const own: fc.Random = randomAt(seed, index ^ STREAM);
  if (!chance(own, PERCENT)) return null;
  const idioms = wheel(idiomsFor(options, base));
  return (scope) => (chance(own, IDIOM_PERCENT) ? spin(own, idioms)(scope) : null);
}

function idiomsFor(options: string, base: string): Weights {
  const usual = base === DEFAULT_BASE ? USUAL : [...USUAL, ...OF_OTHER_BASES];
  if (IS_VOLATILE.test(options)) return usual;
  const features = OF_FEATURES.filter(([feature]) => feature.test(options));
  const isPair = IS_EXPORTED.test(options) && IS_METACOPY.test(options);
  const own = features.flatMap(([, idioms]) => idioms);
  return [...usual, ...OF_REMOUNTS, ...own, ...(isPair ? OF_PAIR : [])];
}

/** Whether a scenario has such idioms, if it can change anything. */
export function hasRareIdioms(seed: number, index: number): boolean {
  return chance(randomAt(seed, index ^ STREAM), PERCENT);
}
