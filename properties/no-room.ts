import { BASE_PROFILES } from '../model/bases.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, pick } from './draw.ts';
import { ANY_OPTIONS } from './options.ts';
import { randomAt } from './random.ts';
import type { Wishes } from './scenarios.ts';

const SCENARIOS_PERCENT = 5;
const STREAM = 0x5200_0000;
/** So many steps find no room. */
const STEPS_MAX = 12;

export const ROOM_OPS: ReadonlySet<OpName> = new Set<OpName>(['fillUp', 'makeRoom']);

/** Where all may occur, some upper file systems are full for a while; the rest is left as it is. */
export function withNoRoom(
  seed: number,
  index: number,
  scenario: Scenario,
  { options }: Pick<Wishes, 'options'>,
): Scenario {
  const { base, steps } = scenario;
  if (options !== ANY_OPTIONS || !BASE_PROFILES[base].isInMemory || steps.length < 2) {
    return scenario;
  }
  const random = randomAt(seed, index ^ STREAM);
  if (!chance(random, SCENARIOS_PERCENT)) return scenario;
  const from = random.nextInt(0, steps.length - 2);
  const to = random.nextInt(from + 1, Math.min(from + STEPS_MAX, steps.length - 1));
  const room = pick(random, ['data', 'inodes'] as const);
  const full: Step = { op: 'fillUp', args: { room } };
  return { ...scenario, steps: steps.with(from, full).with(to, { op: 'makeRoom', args: {} }) };
}
