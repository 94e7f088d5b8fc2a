import type { Scenario } from '../model/scenario.ts';
import { chance } from './draw.ts';
import { randomAt } from './random.ts';

const SCENARIOS_PERCENT = 22;
const STREAM = 0x5100_0000;

/** Some scenarios are looked at in the end only; most are left as they are. */
export function withLooks(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  return chance(random, SCENARIOS_PERCENT) ? { ...scenario, looks: 'at the end' } : scenario;
}
