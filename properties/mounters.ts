import { chance, pick } from './draw.ts';
import type { Mounter } from '../model/mounter.ts';
import type { Scenario } from '../model/scenario.ts';
import { ANY_OPTIONS, semanticsOf } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const STREAM = 0x0800_0000;
const READ_ONLY_STREAM = 0x0400_0000;
const READ_ONLY_PERCENT = 2;
/** How many of the mounts with userxattr, which is made for this, and of the others. */
const USERXATTR_PERCENT = 40;
const OTHERS_PERCENT = 2;
const HAS_USERXATTR = /(^|,)userxattr(,|$)/;

const MOUNTERS: readonly Mounter[] = [{ as: 'root' }, { as: 'alice' }];

/** Some overlays are mounted in other ways; the rest is left as it is. */
export function withMounter(
  seed: number,
  index: number,
  scenario: Scenario,
  wishes: Pick<Wishes, 'options' | 'userns' | 'release'>,
): Scenario {
  return withReadOnly(seed, index, withNamespace(seed, index, scenario, wishes), wishes);
}

/** By root of a user namespace. */
function withNamespace(
  seed: number,
  index: number,
  scenario: Scenario,
  { options, userns, release }: Pick<Wishes, 'options' | 'userns' | 'release'>,
): Scenario {
  if (options !== ANY_OPTIONS && userns === undefined) return scenario;
  const random = randomAt(seed, index ^ STREAM);
  const isFor = HAS_USERXATTR.test(scenario.options);
  const isKnown = semanticsOf(release).features.has('mounts-of-user-namespaces');
  const percent = isFor && isKnown ? USERXATTR_PERCENT : OTHERS_PERCENT;
  if (userns === undefined && !chance(random, percent)) return scenario;
  return { ...scenario, mounter: pick(random, MOUNTERS) };
}

/** Some are read-only until they are remounted, by an option of every file system. */
function withReadOnly(
  seed: number,
  index: number,
  scenario: Scenario,
  { options, release }: Pick<Wishes, 'options' | 'release'>,
): Scenario {
  const isKnown = options === ANY_OPTIONS && semanticsOf(release).features.has('fs-context');
  if (!isKnown || !chance(randomAt(seed, index ^ READ_ONLY_STREAM), READ_ONLY_PERCENT)) {
    return scenario;
  }
  const given = scenario.options === '' ? [] : [scenario.options];
  return { ...scenario, options: [...given, 'ro'].join(',') };
}
