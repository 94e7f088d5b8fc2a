import { PLACES } from './mount-plan.ts';
import type { MountPlan, Place } from './mount-plan.ts';
import { fail, succeed } from './prediction.ts';
import type { Failure, Prediction } from './prediction.ts';
import type { RuleId } from './rules.ts';
import type { Semantics } from './semantics/semantics.ts';

/** What a mount string names, before anything is known to be there. */
export interface NamedLayers {
  readonly lowers: readonly string[];
  readonly dataOnly: number;
  readonly upper: string | null;
  readonly work: string | null;
}

export interface FoundLayers {
  readonly upper: Place | null;
  readonly lowers: readonly Place[];
}

interface Context {
  readonly semantics: Semantics;
  readonly rule: (id: RuleId) => void;
}

/** Reads the names from left to right; newer kernels look each up as they read it. */
export function nameLayers({ params }: MountPlan, context: Context): Prediction<NamedLayers> {
  const looksUp = context.semantics.features.has('fs-context');
  let named: NamedLayers = { lowers: [], dataOnly: 0, upper: null, work: null };
  for (const { key, value } of params) {
    if (key === 'lowerdir') {
      const lowers = splitLowers(value, context);
      if (!lowers.ok) return lowers;
      named = { ...named, ...lowers.value };
    } else {
      if (value === '') return refuse('layers/no-name', context);
      named = { ...named, [key === 'upperdir' ? 'upper' : 'work']: nameOf(value) };
    }
    const names = key === 'lowerdir' ? named.lowers : [nameOf(value)];
    const missing = looksUp ? firstFailure(names, context) : null;
    if (missing !== null) return missing;
  }
  return succeed(named);
}

/** The checks of a mount once its options are settled, in the kernel's order. */
export function findLayers(
  named: NamedLayers,
  hasMetacopy: boolean,
  context: Context,
): Prediction<FoundLayers> {
  const { lowers, dataOnly, upper, work } = named;
  const { dataOnlyLower, upperWithoutWork } = context.semantics.behaviour;
  if (lowers.length === 0) return refuse('layers/no-lower', context);
  const needsMetacopy = dataOnlyLower === 'needs metacopy';
  if (dataOnly > 0 && needsMetacopy && !hasMetacopy) return refuse('layers/data-only', context);
  const traps: Place[] = [];
  if (upper !== null) {
    if (work === null) {
      context.rule('layers/upper-without-work');
      return fail(upperWithoutWork);
    }
    const places = [findPlace(upper, context), findPlace(work, context)] as const;
    for (const place of places) if (!place.ok) return place;
    for (const place of places) if (place.ok) traps.push(place.value);
    const [above, beside] = traps;
    if (above?.mount !== beside?.mount) return refuse('layers/work-on-another-mount', context);
    if (above === undefined || beside === undefined || isNested(above, beside)) {
      return refuse('layers/work-in-upper', context);
    }
  }
  if (upper === null && lowers.length === 1) return refuse('layers/one-lower-alone', context);
  const found: Place[] = [];
  for (const name of lowers) {
    const place = findPlace(name, context);
    if (!place.ok) return place;
    found.push(place.value);
  }
  const roots = [...traps, ...found];
  const isTrapped = found.some((place) =>
    roots.some((root) => root !== place && isInside(place, root)),
  );
  const isTwice = new Set(roots.map(({ at }) => at)).size < roots.length;
  if (isTrapped || isTwice) {
    context.rule('layers/overlap');
    return fail('ELOOP');
  }
  return succeed({ upper: traps[0] ?? null, lowers: found });
}

/** `a:b` are merged, what comes after `::` is data only. */
function splitLowers(
  value: string,
  context: Context,
): Prediction<Pick<NamedLayers, 'lowers' | 'dataOnly'>> {
  const names = value.split(/(?<!\\):/);
  // Before there were data-only layers, an empty name was one that is looked up like any other.
  if (context.semantics.behaviour.dataOnlyLower === 'unknown') {
    if (value === '') return refuse('layers/no-name', context);
    return succeed({ lowers: names.map(nameOf), dataOnly: 0 });
  }
  if (value === '') return succeed({ lowers: [], dataOnly: 0 });
  const lowers: string[] = [];
  let dataOnly = 0;
  for (const [index, name] of names.entries()) {
    const isEnd = index === 0 || index === names.length - 1;
    if (name === '' && (isEnd || names[index - 1] === '')) {
      return refuse('layers/no-name', context);
    }
    if (name === '') continue;
    if (names[index - 1] === '') dataOnly++;
    else if (dataOnly > 0) return refuse('layers/merged-below-data', context);
    lowers.push(nameOf(name));
  }
  return succeed({ lowers, dataOnly });
}

/** Without the escapes that let a name hold a separator. */
function nameOf(value: string): string {
  return value.replace(/^@/, '').replaceAll(/\\(.)/g, '$1');
}

function firstFailure(names: readonly string[], context: Context): Failure | null {
  for (const name of names) {
    const place = findPlace(name, context);
    if (!place.ok) return place;
  }
  return null;
}

function findPlace(name: string, context: Context): Prediction<Place> {
  if (name === '') return refuse('layers/no-name', context);
  const place = Object.hasOwn(PLACES, name) ? PLACES[name] : undefined;
  if (place === undefined) {
    context.rule('layers/missing');
    return fail('ENOENT');
  }
  return place.type === 'dir' ? succeed(place) : refuse('layers/no-directory', context);
}

function refuse(id: RuleId, { rule }: Context): Failure {
  rule(id);
  return fail('EINVAL');
}

function isNested(a: Place, b: Place): boolean {
  return a.at === b.at || isInside(a, b) || isInside(b, a);
}

/** The root of another file system is in nothing. */
function isInside(inner: Place, outer: Place): boolean {
  return inner.at.startsWith(`${outer.at}/`);
}
