import type { Difference, ObservedTrace } from '../model/observation.ts';
import type { Step } from '../model/ops/index.ts';

/**
 * A file of the overlay and its upper file, opened one right after the other and asked the same
 * since then, are told the same: that needs no model of who is told what.
 */
export function pairDifferences(
  steps: readonly Step[],
  observed: ObservedTrace,
): readonly Difference[] {
  const paired = new Set<number>();
  for (const [index, step] of steps.entries()) {
    const before = steps[index - 1];
    const slot = slotOf(step);
    if (slot === null) continue;
    if (isPair(before, step) && isOk(observed, index) && isOk(observed, index + 1)) {
      paired.add(slot);
      continue;
    }
    const next = steps[index + 1];
    if (!paired.has(slot) || isSecondAsked(before, step)) continue;
    if (next === undefined || !isSecondAsked(step, next)) {
      if (!KEEPS_PAIRS.has(step.op)) paired.delete(slot);
      continue;
    }
    const [overlay, upper] = [said(observed, index + 1), said(observed, index + 2)];
    if (overlay === null || upper === null || overlay === upper) continue;
    const at = `result of fd${slot}`;
    return [{ step: index + 1, field: 'result pair', at, predicted: upper, observed: overlay }];
  }
  return [];
}

/** What one may be asked alone. */
const KEEPS_PAIRS: ReadonlySet<string> = new Set(['pwrite', 'pread', 'outsideWrite', 'syncfs']);

function slotOf(step: Step): number | null {
  const { args } = step;
  if ('outside' in args) return args.outside;
  if ('fd' in args) return args.fd;
  return 'slot' in args ? args.slot : null;
}

function isPair(before: Step | undefined, step: Step): boolean {
  if (before?.op !== 'open' || step.op !== 'outsideOpen') return false;
  const { slot, path, flags } = before.args;
  const { outside, place } = step.args;
  return (
    place === 'upper' && slot === outside && path === step.args.path && !flags.includes('O_SYNC')
  );
}

/** The same is asked of the upper file. */
function isSecondAsked(before: Step | undefined, step: Step): boolean {
  if (before?.op !== 'fsync' && before?.op !== 'fdatasync') return false;
  if (step.op !== 'outsideSync') return false;
  return step.args.outside === before.args.fd && step.args.how === before.op;
}

function isOk(observed: ObservedTrace, index: number): boolean {
  return observed[index]?.result.ok === true;
}

function said(observed: ObservedTrace, index: number): string | null {
  const result = observed[index]?.result;
  if (result === undefined) return null;
  return result.ok ? 'success' : String(result.errno);
}
