import { fsOf, parentsOf, placeOf } from './mount-places.ts';
import type { Place } from './mount-places.ts';
import type { LayerKey } from './mount-plan.ts';
import { fail, succeed } from './prediction.ts';
import type { Settled } from './overlay/fallbacks.ts';
import type { MountConfig } from './overlay/params.ts';
import type { Failure, Prediction } from './prediction.ts';
import type { RuleId } from './rules.ts';
import type { Semantics } from './semantics/semantics.ts';

/** What a mount names, before anything is known to be there. */
export interface NamedLayers {
  readonly lowers: readonly string[];
  /** How many of them, the last ones, are data only. */
  readonly dataOnly: number;
  readonly upper: string | null;
  readonly work: string | null;
  /** The string that named all lower layers at once; null when they were added one by one. */
  readonly given: string | null;
  /** How upper and work were named. */
  readonly givenUpper: string | null;
  readonly givenWork: string | null;
}

export interface FoundLayers {
  readonly upper: Place | null;
  readonly work: Place | null;
  readonly lowers: readonly Place[];
  /** How many of them, the last ones, are data only. */
  readonly dataOnly: number;
}

/** What is named after one more parameter, and what the parameter gets if it is refused. */
export interface Naming {
  readonly named: NamedLayers;
  readonly refused: Failure | null;
}

interface Context {
  readonly semantics: Semantics;
  readonly rule: (id: RuleId) => void;
}

export const NOTHING_NAMED: NamedLayers = {
  lowers: [],
  dataOnly: 0,
  upper: null,
  work: null,
  given: null,
  givenUpper: null,
  givenWork: null,
};

/** As many lower layers as the kernel takes. */
export const LOWERS_MAX = 500;
/** Overlays that a lower layer may be on, with the new one the most there may be. */
const DEPTH_MAX = 2;

/** Reads one parameter; newer kernels look names up as they read them. */
export function nameLayer(
  named: NamedLayers,
  key: LayerKey,
  value: string,
  context: Context,
): Naming {
  if (key === 'lowerdir') return nameAllLowers(named, value, context);
  if (key === 'lowerdir+' || key === 'datadir+') {
    if (!context.semantics.features.has('fs-context'))
      return refuse(named, 'options/unknown', context);
    return addLower(named, key === 'datadir+', value.replace(/^@/, ''), context);
  }
  if (value === '') return refuse(named, 'layers/no-name', context);
  return setUpperOrWork(named, key, { name: nameOf(value), given: value }, context);
}

/** One lower layer more, under the very name that is given. */
export function addLower(
  named: NamedLayers,
  isDataOnly: boolean,
  name: string,
  context: Context,
): Naming {
  const { lowers, dataOnly, given } = named;
  const place = findPlace(name, context);
  if (!place.ok) return { named, refused: place };
  if (given !== null) return refuse(named, 'layers/added-to-string', context);
  if (dataOnly > 0 && !isDataOnly) return refuse(named, 'layers/merged-below-data', context);
  if (lowers.length === LOWERS_MAX) return refuse(named, 'layers/too-many', context);
  const more = { lowers: [...lowers, name], dataOnly: dataOnly + (isDataOnly ? 1 : 0) };
  return { named: { ...named, ...more }, refused: null };
}

export function setUpperOrWork(
  named: NamedLayers,
  key: 'upperdir' | 'workdir',
  { name, given }: { readonly name: string; readonly given: string },
  context: Context,
): Naming {
  const place = looksUp(context) ? findWritable(name, context) : null;
  if (place?.ok === false) return { named, refused: place };
  const set =
    key === 'upperdir' ? { upper: name, givenUpper: given } : { work: name, givenWork: given };
  return { named: { ...named, ...set }, refused: null };
}

/** The checks of a mount once its options are settled, in the kernel's order. */
export function findLayers(
  named: NamedLayers,
  { metacopy: hasMetacopy, index: hasIndex }: Pick<MountConfig, 'metacopy' | 'index'>,
  context: Context,
): Prediction<FoundLayers> {
  const { lowers, dataOnly, upper, work } = named;
  const { dataOnlyLower, upperWithoutWork, tooManyLowers } = context.semantics.behaviour;
  if (lowers.length === 0) return fails('layers/no-lower', context);
  const needsMetacopy = dataOnlyLower === 'needs metacopy';
  if (dataOnly > 0 && needsMetacopy && !hasMetacopy) return fails('layers/data-only', context);
  const traps: Place[] = [];
  if (upper !== null) {
    if (work === null) {
      context.rule('layers/upper-without-work');
      return fail(upperWithoutWork);
    }
    const above = findWritable(upper, context);
    if (!above.ok) return above;
    const beside = findWritable(work, context);
    if (!beside.ok) return beside;
    traps.push(above.value, beside.value);
    const refused = checkWork(above.value, beside.value, hasIndex, context);
    if (refused !== null) return refused;
  }
  if (lowers.length > LOWERS_MAX) {
    context.rule('layers/too-many');
    return fail(tooManyLowers);
  }
  if (upper === null && lowers.length === 1) return fails('layers/one-lower-alone', context);
  if (lowers.length === dataOnly) return fails('layers/all-data-only', context);
  return placeLowers(named, traps, context);
}

function checkWork(upper: Place, work: Place, hasIndex: boolean, context: Context): Failure | null {
  const busy = (): Failure => {
    context.rule('layers/in-use');
    return fail('EBUSY');
  };
  if (upper.isInUse === true && hasIndex) return busy();
  if (upper.mount !== work.mount) return fails('layers/work-on-another-mount', context);
  if (isNested(upper, work)) return fails('layers/work-in-upper', context);
  if (work.isInUse === true && hasIndex) return busy();
  if (work.mount === 'ro') {
    context.rule('layers/read-only-upper');
    return fail('EROFS');
  }
  if (work.leftover === 'incompatible') return fails('layers/work-incompatible', context);
  return null;
}

function placeLowers(
  { lowers, dataOnly }: NamedLayers,
  [upper, work]: readonly Place[],
  context: Context,
): Prediction<FoundLayers> {
  const found: Place[] = [];
  for (const name of lowers) {
    const place = findPlace(name, context);
    if (!place.ok) return place;
    found.push(place.value);
  }
  if (found.some((place) => fsOf(place).depth >= DEPTH_MAX)) {
    return fails('layers/too-deep-a-stack', context);
  }
  const roots = [...(upper === undefined ? [] : [upper]), ...(work === undefined ? [] : [work])];
  const all = [...roots, ...found];
  const places = new Set(all.map(({ at }) => at));
  const isTwice = places.size < all.length;
  if (isTwice || found.some((place) => parentsOf(place).some((at) => places.has(at)))) {
    context.rule('layers/overlap');
    return fail('ELOOP');
  }
  return succeed({ upper: upper ?? null, work: work ?? null, lowers: found, dataOnly });
}

/** What is in use by another overlay, where that matters: while there is to be an index. */
export function refuseInUse(
  { upper, work, lowers }: FoundLayers,
  { config, indexedLowers }: Settled,
  { rule }: Pick<Context, 'rule'>,
): Failure | null {
  const isInUse = (at: string): boolean => placeOf(at)?.isInUse === true;
  const roots = [...(upper === null ? [] : [upper]), ...(work === null ? [] : [work])];
  const isTaken = lowers.slice(0, indexedLowers).some((place) => place.isInUse === true);
  const isIn = [...roots, ...lowers].some((place) => parentsOf(place).some(isInUse));
  if (!isTaken && !(isIn && config.index)) return null;
  rule('layers/in-use');
  return fail('EBUSY');
}

/** `a:b` are merged, what comes after `::` is data only. Whatever was named before is forgotten. */
function nameAllLowers(before: NamedLayers, value: string, context: Context): Naming {
  const none = { ...before, lowers: [], dataOnly: 0, given: null };
  const names = value.split(/(?<!\\):/);
  // Before there were data-only layers, an empty name was one that is looked up like any other.
  if (context.semantics.behaviour.dataOnlyLower === 'unknown') {
    if (value === '') return refuse(none, 'layers/no-name', context);
    return { named: { ...none, lowers: names.map(nameOf), given: value }, refused: null };
  }
  if (value === '') return { named: none, refused: null };
  if (names[0] === '') return refuse(none, 'layers/no-name', context);
  let named: NamedLayers = { ...none, given: value };
  const isEmpty = (at: number): boolean => names[at] === '';
  if (names.some((_, at) => isEmpty(at) && (at === names.length - 1 || isEmpty(at - 1)))) {
    return refuse(named, 'layers/no-name', context);
  }
  if (names.filter((name) => name !== '').length > LOWERS_MAX) {
    return refuse(named, 'layers/too-many', context);
  }
  for (const [at, name] of names.entries()) {
    if (name === '') continue;
    const isDataOnly = at > 0 && isEmpty(at - 1);
    // What was read before the mistake stays.
    if (!isDataOnly && named.dataOnly > 0)
      return refuse(named, 'layers/merged-below-data', context);
    const place = looksUp(context) ? findPlace(nameOf(name), context) : null;
    if (place?.ok === false) return { named, refused: place };
    const lowers = [...named.lowers, nameOf(name)];
    named = { ...named, lowers, dataOnly: named.dataOnly + (isDataOnly ? 1 : 0) };
  }
  return { named, refused: null };
}

/** Without the escapes that let a name hold a separator. */
function nameOf(value: string): string {
  return value.replace(/^@/, '').replaceAll(/\\(.)/g, '$1');
}

function looksUp({ semantics }: Context): boolean {
  return semantics.features.has('fs-context');
}

/** A directory for upper or work. */
function findWritable(name: string, context: Context): Prediction<Place> {
  const place = findPlace(name, context);
  if (!place.ok) return place;
  const { readOnlyUpper } = context.semantics.behaviour;
  if (place.value.mount === 'ro' && readOnlyUpper === 'EINVAL') {
    return fails('layers/read-only-upper', context);
  }
  return fsOf(place.value).type === 'overlay' ? fails('layers/overlay-as-upper', context) : place;
}

function findPlace(name: string, context: Context): Prediction<Place> {
  if (name === '') return fails('layers/no-name', context);
  const place = placeOf(name);
  if (place === undefined) {
    context.rule('layers/missing');
    return fail('ENOENT');
  }
  return place.type === 'dir' ? succeed(place) : fails('layers/no-directory', context);
}

function refuse(named: NamedLayers, id: RuleId, context: Context): Naming {
  return { named, refused: fails(id, context) };
}

function fails(id: RuleId, { rule }: Context): Failure {
  rule(id);
  return fail('EINVAL');
}

function isNested(a: Place, b: Place): boolean {
  return a.at === b.at || isInside(a, b) || isInside(b, a);
}

function isInside(inner: Place, outer: Place): boolean {
  return parentsOf(inner).includes(outer.at);
}
