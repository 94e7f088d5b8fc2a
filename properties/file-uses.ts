import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, spin, wheel } from './draw.ts';
import { randomAt } from './random.ts';
import { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SCENARIOS_PERCENT = 15;
const STEPS_MAX = 5;
const STREAM = 0x1000_0000;

const USES = wheel<OpName>([
  ['setStatusFlags', 3],
  ['watch', 2],
]);

export const FILE_USE_OPS: ReadonlySet<OpName> = new Set(USES.values);

/** Puts rarer uses of files in the place of some steps; most scenarios are left as they are. */
export function withFileUses(seed: number, index: number, scenario: Scenario): Scenario {
  const { layers, options, steps } = scenario;
  const random = randomAt(seed, index ^ STREAM);
  if (steps.length === 0 || !chance(random, SCENARIOS_PERCENT)) return scenario;
  const wanted = random.nextInt(1, STEPS_MAX);
  const places = new Set(Array.from({ length: wanted }, () => random.nextInt(0, steps.length - 1)));
  const scope = new Scope(random, layers, options);
  const used = steps.map((old, place) => {
    const op = spin(random, USES);
    const isFirst = op === 'watch' && chance(random, 60);
    const first = isFirst ? { path: scope.lowerOnly('file'), flags: ['O_RDWR'] } : {};
    // Drawn by the table of this very operation.
    const use = { op, args: { ...drawArgs(scope, op), ...first } } as unknown as Step;
    const isUse = places.has(place) && old.op !== 'open';
    const step = isUse ? { ...use, ...(old.as === undefined ? {} : { as: old.as }) } : old;
    scope.note(step);
    return step;
  });
  return { ...scenario, steps: used };
}
