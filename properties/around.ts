import type fc from 'fast-check';
import type { OpName, Step } from '../model/ops/index.ts';
import type { ArgKinds } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';
import { chance, spin, wheel } from './draw.ts';
import { IS_VOLATILE } from './options.ts';
import { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SCENARIOS_PERCENT = 15;
const STEPS_MAX = 3;

/** What happens to the mount itself, or beside it. */
const STEPS = wheel<OpName>([
  ['mountBeside', 6],
  ['mountBusy', 2],
  ['reconfigure', 5],
]);

export const AROUND_OPS: ReadonlySet<OpName> = new Set(STEPS.values);

/** Puts a second overlay, or a change of the mount, in the place of some steps. */
export function withAround(
  random: fc.Random,
  scenario: Scenario,
  drawOtherOptions: (() => string) | null,
): Scenario {
  const { layers, options, steps } = scenario;
  if (steps.length === 0 || !chance(random, SCENARIOS_PERCENT)) return scenario;
  const wanted = random.nextInt(1, STEPS_MAX);
  const places = new Set(Array.from({ length: wanted }, () => random.nextInt(0, steps.length - 1)));
  const scope = new Scope(random, layers, options);
  scope.drawOtherOptions = drawOtherOptions;
  const around = steps.map((old, place) => {
    const step = places.has(place) ? drawAround(scope, options) : old;
    scope.note(step);
    return step;
  });
  return { ...scenario, steps: around };
}

function drawAround(scope: Scope, options: string): Step {
  const { random } = scope;
  const drawn = spin(random, STEPS);
  // What was mounted volatile is not mounted again: such a step would be the last one.
  const op = drawn === 'mountBusy' && IS_VOLATILE.test(options) ? 'mountBeside' : drawn;
  // Drawn by the table of this very operation.
  const step = { op, args: drawArgs(scope, op) } as unknown as Step;
  if (step.op !== 'mountBeside' && step.op !== 'mountBusy') return step;
  const given = chance(random, 30) ? { ...step.args, options } : step.args;
  if (!('change' in given)) return { op: 'mountBusy', args: given };
  return { op: 'mountBeside', args: { ...given, path: pathOfChange(scope, given.change) } };
}

function pathOfChange(scope: Scope, change: ArgKinds['besideChange']): string {
  if (change === 'create') return scope.newPath();
  if (change === 'rmdir') return scope.emptyDir();
  return change === 'chmod' ? scope.path() : scope.path('file', 'symlink', 'other');
}
