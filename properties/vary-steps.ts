import type fc from 'fast-check';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import type { ArgKind } from '../model/ops/op.ts';
import { printArg } from '../model/print-step.ts';
import type { Scenario } from '../model/scenario.ts';
import { ARBITRARIES } from './arbitraries.ts';
import { draw } from './draw.ts';
import type { Place, Variation } from './explain.ts';
import { randomAt } from './random.ts';

/** Arguments that say which one, not how: another one is another scenario. */
const NAMING: ReadonlySet<ArgKind> = new Set<ArgKind>([
  ...(['path', 'target', 'layer', 'otherFs', 'lowerOrder', 'takenLayers'] as const),
  ...(['fd', 'newFd', 'map', 'newMap', 'handle', 'newHandle', 'outside', 'newOutside'] as const),
]);

/** So many other values are tried for each argument, out of so many that are drawn. */
const VALUES_MAX = 3;
const DRAWN = 24;

const CALLERS = ['root', 'alice', 'bob'] as const;

/** Each argument of each step, and who makes the call. */
export function stepPlaces(scenario: Scenario): readonly Place[] {
  return scenario.steps.flatMap((step, index) => {
    const at = `step ${index + 1}`;
    const kinds: Readonly<Record<string, ArgKind>> = OPS[step.op].args;
    const args = Object.entries(step.args).flatMap(([key, value]): readonly Place[] => {
      const kind = kinds[key];
      if (kind === undefined || NAMING.has(kind)) return [];
      const variations = otherValues(kind, value).map((other): Variation => {
        // The other value is of the kind that this argument has.
        const changed = { ...step, args: { ...step.args, [key]: other } } as Step;
        return { says: printArg(kind, other), of: (drawn) => withStep(drawn, index, changed, key) };
      });
      return [{ at, what: key, variations }];
    });
    return [...args, { at, what: 'caller', variations: otherCallers(step, index) }];
  });
}

/** What the kernel has cached when the last step comes, and whether it is the same mount. */
export function stepsBefore({ steps }: Scenario): readonly Place[] {
  if (steps.length === 0) return [];
  const place = { at: `before step ${steps.length}`, what: 'state of caches' };
  const variations = (['dropCaches', 'remount'] as const).map((op): Variation => {
    const of = (scenario: Scenario): Scenario => ({
      ...scenario,
      steps: scenario.steps.toSpliced(steps.length - 1, 0, { op, args: {} }),
    });
    return { says: op === 'remount' ? 'a new mount' : 'dropped', of };
  });
  return [{ ...place, variations }];
}

function otherValues(kind: ArgKind, value: unknown): readonly unknown[] {
  const random = randomAt(0, 0);
  const arbitrary: fc.Arbitrary<unknown> = ARBITRARIES[kind];
  const others = new Map<string, unknown>();
  for (let count = 0; count < DRAWN && others.size < VALUES_MAX; count++) {
    const other = draw(random, arbitrary);
    if (!isSame(other, value)) others.set(JSON.stringify(other), other);
  }
  return [...others.values()];
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function otherCallers(step: Step, index: number): readonly Variation[] {
  const { as = 'root' } = step;
  return CALLERS.filter((caller) => caller !== as).map((caller) => ({
    says: caller,
    of: (scenario) => ({
      ...scenario,
      steps: scenario.steps.map((each, at) => (at === index ? { ...each, as: caller } : each)),
    }),
  }));
}

/** One argument is as in another step; what others have changed stays. */
function withStep(scenario: Scenario, index: number, { args }: Step, key: string): Scenario {
  const step = scenario.steps[index];
  if (step === undefined) return scenario;
  const value: unknown = args[key as keyof typeof args];
  // Still the arguments that its operation declares.
  const changed = { ...step, args: { ...step.args, [key]: value } } as Step;
  return { ...scenario, steps: scenario.steps.with(index, changed) };
}
