import type fc from 'fast-check';
import type { OpName, Step } from '../model/ops/index.ts';
import type { ArgKinds, LayerName } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';
import { dataLayersOf, drawDataEdit } from './data-edits.ts';
import { chance, pick, spin, wheel } from './draw.ts';
import { inPlaceOfSome } from './in-place.ts';
import { drawLayer, drawPath, nameIn } from './offline.ts';
import { IS_VOLATILE } from './options.ts';
import type { Scope } from './scope.ts';
import { drawArgs } from './step-args.ts';

const SHARE = { scenariosPercent: 20, stepsMax: 3 };

/** What happens to the mount itself, beside it, or to whole layers while it is away. */
const STEPS = wheel<OpName>([
  ['mountBeside', 5],
  ['mountBusy', 4],
  ['changeBeneath', 4],
  ['reconfigure', 4],
  ['offlineReplace', 4],
  ['offlineCopy', 3],
  ['offlineRemoveTree', 3],
  ['offlineChownTree', 2],
]);

/** After these the mount is made again. */
const AWAY: ReadonlySet<OpName> = new Set<OpName>(['mountBusy', 'changeBeneath']);

export const AROUND_OPS: ReadonlySet<OpName> = new Set(STEPS.values);
/** After these the layers may not fit each other any more, so that the scenario is over. */
const LATE: ReadonlySet<OpName> = new Set<OpName>(['offlineReplace', 'offlineRemoveTree']);

/** Puts such steps in the place of others; most scenarios are left as they are. */
export function withAround(
  random: fc.Random,
  scenario: Scenario,
  drawOtherOptions: (() => string) | null,
): Scenario {
  return inPlaceOfSome(random, scenario, SHARE, (scope, { old, place, isChosen }) => {
    scope.drawOtherOptions = drawOtherOptions;
    const isLate = place > scenario.steps.length / 3;
    return isChosen ? drawAround(scope, scenario, isLate) : old;
  });
}

function drawAround(scope: Scope, scenario: Scenario, isLate: boolean): Step {
  const { random } = scope;
  const { options } = scenario;
  let op = spin(random, STEPS);
  // What was mounted volatile is not mounted again: such a step would be the last one.
  const isLast = IS_VOLATILE.test(options) && (AWAY.has(op) || op.startsWith('offline'));
  if (isLast || (LATE.has(op) && !isLate)) op = 'mountBeside';
  const data = dataLayersOf(scenario);
  if (data.length > 0 && !IS_VOLATILE.test(options) && chance(random, 50)) {
    return drawDataEdit(scope, scenario, pick(random, data));
  }
  // Drawn by the table of this very operation.
  const step = { op, args: drawArgs(scope, op) } as unknown as Step;
  switch (step.op) {
    case 'mountBusy':
      return { op: step.op, args: { ...step.args, ...sameOptions(random, options) } };
    case 'changeBeneath':
      return { op: step.op, args: { ...step.args, ...drawBeneath(scope) } };
    case 'mountBeside': {
      const path = pathOfChange(scope, step.args.change);
      return { op: step.op, args: { ...step.args, ...sameOptions(random, options), path } };
    }
    case 'offlineReplace':
      return { op: step.op, args: { ...step.args, layer: layerToReplace(random, scenario) } };
    case 'offlineCopy': {
      const layer = drawLayer(random, scenario);
      const from = drawPath(scope, scenario, layer, ['dir', 'dir', 'file']);
      const to = nameIn(random, drawPath(scope, scenario, layer, ['dir']));
      return { op: step.op, args: { ...step.args, layer, from, to } };
    }
    case 'offlineRemoveTree':
    case 'offlineChownTree': {
      const layer = drawLayer(random, scenario);
      const path = drawPath(scope, scenario, layer, ['dir']);
      // Both have an object by its path.
      return { op: step.op, args: { ...step.args, layer, path } } as Step;
    }
    default:
      return step;
  }
}

function sameOptions(random: fc.Random, options: string): { readonly options?: string } {
  return chance(random, 30) ? { options } : {};
}

/** The upper layer with its index, more often than others. */
function layerToReplace(random: fc.Random, scenario: Scenario): LayerName {
  const data = dataLayersOf(scenario);
  if (data.length > 0 && chance(random, 40)) return `data ${pick(random, data)}`;
  return chance(random, 30) ? 'work' : drawLayer(random, scenario);
}

type Beneath = Extract<Step, { op: 'changeBeneath' }>['args'];

/** Mostly what the upper layer has is taken from it, and then asked for or made anew. */
function drawBeneath(scope: Scope): Partial<Beneath> {
  const { random } = scope;
  const [kept, gone] = [scope.inUpper('file', 'symlink', 'other'), scope.inUpper('whiteout')];
  if (gone.length > 0 && chance(random, 45)) {
    const call = pick(random, ['mkdir', 'mkfifo'] as const);
    return { path: pick(random, gone), change: 'unlink', call };
  }
  if (kept.length > 0 && chance(random, 70)) {
    const call = pick(random, ['unlink', 'unlink', 'rename'] as const);
    return { path: pick(random, kept), change: 'unlink', call };
  }
  return { path: chance(random, 60) ? scope.path('file', 'symlink', 'other') : scope.newPath() };
}

function pathOfChange(scope: Scope, change: ArgKinds['besideChange']): string {
  if (change === 'create') return scope.newPath();
  if (change === 'rmdir') return scope.emptyDir();
  return change === 'chmod' ? scope.path() : scope.path('file', 'symlink', 'other');
}
