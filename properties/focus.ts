import type fc from 'fast-check';
import { NAMES } from './arbitraries.ts';
import { chance, pick } from './draw.ts';
import { parentOf } from './guess.ts';
import { randomAt } from './random.ts';
import type { Scope } from './scope.ts';

const SCENARIOS_PERCENT = 30;
const STREAM = 0x5000_0000;

/**
 * Most bugs want two to four steps on one object. Some scenarios are therefore about one object,
 * the directory that it is in and very few names that it may get, with few kinds of steps.
 */
export function focusAt(seed: number, index: number): fc.Random | null {
  const own = randomAt(seed, index ^ STREAM);
  return chance(own, SCENARIOS_PERCENT) ? own : null;
}

/** How much more of some operations there is; most are left out. */
export const FOCUS_FACTORS = [0, 0, 0, 1, 2, 4] as const;

export function focusScope(own: fc.Random, scope: Scope): void {
  const hero = chance(own, 80)
    ? scope.lowerOnly('file', 'file', 'dir', 'symlink', 'other')
    : scope.path();
  const parent = parentOf(hero);
  const paths = [hero, hero, nameIn(own, parent)];
  if (parent !== '.') paths.push(parent);
  const other = chance(own, 50) ? scope.path('dir') : pick(own, NAMES);
  if (chance(own, 70)) paths.push(other, nameIn(own, other));
  scope.focusOn(paths.filter((path) => path !== '.'));
}

function nameIn(random: fc.Random, dir: string): string {
  const name = pick(random, NAMES);
  return dir === '.' ? name : `${dir}/${name}`;
}
