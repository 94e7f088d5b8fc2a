import { chance, pick } from './draw.ts';
import type { Mounter } from '../model/mounter.ts';
import type { Scenario } from '../model/scenario.ts';
import { ANY_OPTIONS, semanticsOf } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const STREAM = 0x4000_0000;
/** How many of the mounts with userxattr, which is made for this, and of the others. */
const USERXATTR_PERCENT = 40;
const OTHERS_PERCENT = 2;
const HAS_USERXATTR = /(^|,)userxattr(,|$)/;

const MOUNTERS: readonly Mounter[] = [
  { as: 'root', maps: 'all ids' },
  { as: 'alice', maps: 'all ids' },
];

/** Some overlays are mounted by root of a user namespace; the rest is left as it is. */
export function withMounter(
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
