import type { Kernel } from '../harness/kernel.ts';
import type { Scenario } from '../model/scenario.ts';
import { signatureOf } from './property.ts';
import type { Property } from './property.ts';
import { shrink } from './shrink.ts';

const SEED = 1;
const SCENARIOS_MAX = 1000;
const LIMITS = { evaluationsMax: 3000, inFlight: 1 };

/**
 * How many steps the shortest scenario has that a property finds wrong with a kernel; it is looked
 * for until one has no more than enough. Infinity when nothing is found.
 */
export async function stepsToFind(
  property: Property,
  kernel: Kernel,
  { options, enough }: { readonly options: string; readonly enough: number },
): Promise<number> {
  const signatureIn = async (scenario: Scenario): Promise<string | null> =>
    signatureOf(scenario, (await property.check(scenario, kernel)).differences);
  let shortest = Infinity;
  for (let index = 0; index < SCENARIOS_MAX && shortest > enough; index++) {
    const scenario = property.scenarioAt(SEED, index, { options, stepCount: 30 });
    const signature = await signatureIn(scenario);
    if (signature === null) continue;
    const shows = async (candidate: Scenario): Promise<boolean> =>
      (await signatureIn(candidate)) === signature;
    const shrunk = await shrink(scenario, shows, LIMITS);
    shortest = Math.min(shortest, shrunk.scenario.steps.length);
  }
  return shortest;
}
