import type { Kernel } from '../harness/kernel.ts';
import { compare } from '../model/compare.ts';
import type { Difference, ObservedTrace } from '../model/observation.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import type { Semantics } from '../model/semantics/semantics.ts';
import { simulate } from '../model/simulate.ts';

/** What a kernel did with a scenario. */
export interface Witness {
  readonly kernel: Pick<Kernel, 'release' | 'environment'>;
  readonly observed: ObservedTrace;
}

/**
 * What a kernel did otherwise than some semantics say, in the first step where it did. What every
 * mount of a kernel shows would be the first thing, and hide all that a scenario is about.
 */
export function differencesFrom(
  semantics: Semantics,
  scenario: Scenario,
  { kernel, observed }: Witness,
): readonly Difference[] {
  const own = profileOfRelease(kernel.release);
  const extended = withEpilogue(scenario);
  const predicted = simulate(extended, shownAs(semantics, own, scenario), kernel.environment);
  return compare(predicted, observed, extended);
}

/** Semantics with what any mount shows as other semantics have it. */
function shownAs(semantics: Semantics, own: Semantics, { options }: Scenario): Semantics {
  if (semantics.id === own.id) return semantics;
  const features = new Set(semantics.features);
  if (!options.includes('uuid=')) {
    if (own.features.has('uuid-auto')) features.add('uuid-auto');
    else features.delete('uuid-auto');
  }
  const { shownRedirect } = own.behaviour;
  return { ...semantics, features, behaviour: { ...semantics.behaviour, shownRedirect } };
}

/** What changes from one run to the next, such as inode numbers and clocks. */
const NUMBERS = /\d{4,}(\.\d+)?/g;

/** The same text for the same differences, on whichever machine. */
export function keyOf(differences: readonly Difference[]): string {
  const places = differences.map(({ step, at, observed }) => `${step} ${at} ${observed}`);
  return JSON.stringify(places).replaceAll(NUMBERS, '#');
}

/**
 * Kernels that did the same, in groups and in order. Two traces cannot be compared, as inode
 * numbers and clocks are a run's own; but what is alike differs alike from the model of each.
 */
export function groupsOf<W extends Witness>(
  scenario: Scenario,
  witnesses: readonly W[],
): readonly (readonly W[])[] {
  const profiles = new Map(
    witnesses.map(({ kernel }) => {
      const semantics = profileOfRelease(kernel.release);
      return [semantics.id, semantics] as const;
    }),
  );
  const groups = new Map<string, W[]>();
  for (const witness of witnesses) {
    const key = [...profiles.values()]
      .map((semantics) => keyOf(differencesFrom(semantics, scenario, witness)))
      .join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [witness]);
    else group.push(witness);
  }
  return [...groups.values()];
}
