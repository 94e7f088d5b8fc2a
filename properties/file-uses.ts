import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, spin, wheel } from './draw.ts';
import { inPlaceOfSome } from './in-place.ts';
import { randomAt } from './random.ts';
import { drawArgs } from './step-args.ts';

const SHARE = { scenariosPercent: 15, stepsMax: 5 };
const STREAM = 0x1000_0000;

const USES = wheel<OpName>([
  ['setStatusFlags', 3],
  ['watch', 2],
]);

export const FILE_USE_OPS: ReadonlySet<OpName> = new Set(USES.values);

/** Puts rarer uses of files in the place of some steps; most scenarios are left as they are. */
export function withFileUses(seed: number, index: number, scenario: Scenario): Scenario {
  const random = randomAt(seed, index ^ STREAM);
  return inPlaceOfSome(random, scenario, SHARE, (scope, { old, isChosen }) => {
    const op = spin(random, USES);
    const isFirst = op === 'watch' && chance(random, 60);
    const first = isFirst ? { path: scope.lowerOnly('file'), flags: ['O_RDWR'] } : {};
    // Drawn by the table of this very operation.
    const use = { op, args: { ...drawArgs(scope, op), ...first } } as unknown as Step;
    const isUse = isChosen && old.op !== 'open';
    return isUse ? { ...use, ...(old.as === undefined ? {} : { as: old.as }) } : old;
  });
}
