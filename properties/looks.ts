import type { Scenario } from '../model/scenario.ts';
import { chance } from './draw.ts';
import { randomAt } from './random.ts';
import { hasRareIdioms } from './rare-idioms.ts';

const SCENARIOS_PERCENT = 22;
/** What an idiom breaks is often whole again once it was looked at. */
const WITH_IDIOMS_PERCENT = 50;
const STREAM = 0x5100_0000;

/** Some scenarios are looked at in the end only; most are left as they are. */
export function withLooks(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  const percent = hasRareIdioms(seed, index) ? WITH_IDIOMS_PERCENT : SCENARIOS_PERCENT;
  return chance(random, percent) ? { ...scenario, looks: 'at the end' } : scenario;
}
