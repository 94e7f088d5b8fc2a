import { printObservation, printPrediction, printStep } from '../../model/print-step.ts';
import type { ObservedTrace, PredictedTrace } from '../../model/observation.ts';
import { OPS } from '../../model/ops/index.ts';
import type { OpName } from '../../model/ops/index.ts';
import { REMOUNTS } from '../../model/ops/op.ts';
import { withEpilogue } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';

/** What one of several did, step by step; null where it did not make a step. */
export interface Column {
  readonly title: string;
  readonly cells: readonly (string | null)[];
  /** The step in which it first did otherwise than it should have. */
  readonly wrongAt?: number | undefined;
}

const CALL_COLUMNS_MAX = 64;
const CELL_COLUMNS_MAX = 26;
const NOTHING = '-';
const FAILED = '-1 ';

/** What a kernel returned, step by step. */
export function observedCells(
  scenario: Scenario,
  observed: readonly (ObservedTrace[number] | null)[],
): readonly (string | null)[] {
  return observed.map((step, at) => {
    return step === null ? null : printObservation(opAt(scenario, at), step.result);
  });
}

/** What a model says that is returned. */
export function predictedCells(scenario: Scenario, predicted: PredictedTrace): readonly string[] {
  return predicted.map(({ result }, at) => printPrediction(opAt(scenario, at), result));
}

function opAt(scenario: Scenario, at: number): OpName | 'mount' {
  return at === 0 ? 'mount' : (withEpilogue(scenario).steps[at - 1]?.op ?? 'mount');
}

/** Some traces of a scenario side by side, each step a line. */
export function columnsText(scenario: Scenario, columns: readonly Column[]): string {
  const { steps } = withEpilogue(scenario);
  const calls = ['mount', ...steps.map(printStep)];
  const ran = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const rows = calls.slice(0, ran).map((call, at) => {
    const cells = columns.map((column) => cellOf(column, at));
    const isMixed = isMixedAt(scenario, at, columns);
    return { at: String(at).padStart(4), call, cells, isMixed };
  });
  const callColumns = widest(['call', ...rows.map(({ call }) => call)], CALL_COLUMNS_MAX);
  const widths = columns.map(({ title }, index) => {
    return widest([title, ...rows.map(({ cells }) => cells[index] ?? '')], Infinity);
  });
  const line = (at: string, call: string, cells: readonly string[], mark: string): string => {
    const padded = cells.map((cell, index) => cell.padEnd(widths[index] ?? 0));
    return `${[at, call.padEnd(callColumns), ...padded].join('  ')}${mark}`.trimEnd();
  };
  const titles = columns.map(({ title }) => title);
  return [
    line('step', 'call', titles, ''),
    ...rows.map(({ at, call, cells, isMixed }) => {
      return line(at, call, cells, isMixed ? '  <-- not alike' : '');
    }),
  ].join('\n');
}

function cellOf({ cells, wrongAt }: Column, at: number): string {
  const text = cells[at] ?? NOTHING;
  const cut = text.length > CELL_COLUMNS_MAX ? `${text.slice(0, CELL_COLUMNS_MAX - 3)}...` : text;
  return at === wrongAt ? `${cut} *` : cut;
}

export function isMountAt(scenario: Scenario, at: number): boolean {
  const op = opAt(scenario, at);
  return op === 'mount' || REMOUNTS.has(OPS[op].result);
}

/** What a mount shows is each kernel's own; whether there is one is not. */
function isMixedAt(scenario: Scenario, at: number, columns: readonly Column[]): boolean {
  const isMount = isMountAt(scenario, at);
  const said = columns.flatMap(({ cells }) => {
    const cell = cells[at] ?? null;
    if (cell === null) return [];
    return isMount && !cell.startsWith(FAILED) ? [''] : [cell];
  });
  return new Set(said).size > 1;
}

function widest(texts: readonly string[], max: number): number {
  return Math.min(max, Math.max(...texts.map(({ length }) => length)));
}
