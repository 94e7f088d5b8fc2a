import { isDeepStrictEqual } from 'node:util';
import { typeOfMode } from '../model/compare-fields.ts';
import type { Difference, ObservedStep, ObservedTrace } from '../model/observation.ts';
import type { ObservedStat } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { IS_EXPORTED } from './options.ts';
import type { Property } from './property.ts';
import { scenarioAt } from './scenarios.ts';
import { withoutMarks } from './twin.ts';

const EXPORT = 'redirect_dir=on,index=on,nfs_export=on,metacopy=off';

/**
 * Handles of an overlay that is exported, by what is seen alone: whatever a handle opens has the
 * inode number and the type that its object had when it was taken. Numbers of a tmpfs are never
 * given anew, so that another object of the name would have another one.
 */
export const handles: Property = {
  name: 'handles',
  says: 'A handle opens the object that it was taken of, whatever became of that, or nothing.',
  base: 'tmpfs',

  scenarioAt(seed, index, wishes) {
    const options = IS_EXPORTED.test(wishes.options) ? wishes.options : EXPORT;
    const scenario = scenarioAt(seed, index, { ...wishes, options, base: 'tmpfs' });
    // Marks made by hand may lead anywhere.
    const layers = scenario.layers.map((layer) => {
      return { ...layer, entries: layer.entries.map(withoutMarks) };
    });
    const steps = scenario.steps.filter((step) => !OF_OTHERS.has(step.op) && !isEdit(step));
    return { ...scenario, layers, steps: steps.flatMap(withStatus) };
  },

  async check(scenario, kernel) {
    const observed = await kernel.run(scenario);
    const differences = mistakenIn(withEpilogue(scenario), observed);
    return { differences, predicted: [], observed, sides: ['taken of', 'opened'] };
  },
};

/** What was changed by hand is no longer what a handle was taken of, nor are other layers. */
const OF_OTHERS: ReadonlySet<OpName> = new Set<OpName>([
  ...(['rotate', 'mountOther', 'mountWith', 'mountBusy', 'changeBeneath'] as const),
]);

function isEdit({ op }: Step): boolean {
  return OPS[op].result === 'edit';
}

/** Whoever takes a handle, or opens one, is told at once of what. */
function withStatus(step: Step): readonly Step[] {
  const asked = statusOf(step);
  if (asked === null) return [step];
  return [step, step.as === undefined ? asked : { ...asked, as: step.as }];
}

function statusOf({ op, args }: Step): Step | null {
  switch (op) {
    case 'encodeHandle': {
      const flags = args.flags.includes('AT_SYMLINK_FOLLOW')
        ? []
        : ['AT_SYMLINK_NOFOLLOW' as const];
      return { op: 'stat', args: { path: args.path, flags } };
    }
    case 'encodeFdHandle':
      return { op: 'fstat', args: { fd: args.fd } };
    case 'openHandle':
    case 'openHandleCold':
      return { op: 'fstat', args: { fd: args.slot } };
    default:
      return null;
  }
}

/** The first handle that opened something else. */
function mistakenIn({ steps }: Scenario, observed: ObservedTrace): readonly Difference[] {
  const takenOf = new Map<number, ObservedStat | null>();
  for (const [index, { result }] of observed.entries()) {
    const step = steps[index - 1];
    if (step === undefined || !result.ok) continue;
    const status = statusAfter(step, steps[index], observed[index + 1]);
    if (step.op === 'encodeHandle' || step.op === 'encodeFdHandle') {
      takenOf.set(step.args.handle, status);
    } else if (step.op === 'openHandle' || step.op === 'openHandleCold') {
      const isWhole = step.op === 'openHandleCold' || step.args.damage === 'none';
      const taken = takenOf.get(step.args.handle) ?? null;
      if (!isWhole || taken === null || status === null) continue;
      const [predicted, found] = [nameOf(taken), nameOf(status)];
      if (predicted === found) continue;
      return [{ step: index, at: 'object', field: 'object', predicted, observed: found }];
    }
  }
  return [];
}

/** What was asked right after a step; a scenario that was made smaller may not ask. */
function statusAfter(
  step: Step,
  next: Step | undefined,
  seen: ObservedStep | undefined,
): ObservedStat | null {
  const asked = statusOf(step);
  if (asked === null || next?.op !== asked.op || seen?.result.ok !== true) return null;
  // Of the kind that both operations declare.
  return isDeepStrictEqual(next.args, asked.args) ? (seen.result.value as ObservedStat) : null;
}

function nameOf({ mode, ino }: ObservedStat): string {
  return `${typeOfMode(mode)} of inode ${String(ino)}`;
}
