import { printStep } from '../../model/print-step.ts';
import type { Finding } from '../campaign-plan.ts';
import { explanationLines, explanationTitle } from './explanation-text.ts';
import { playedRows } from './played-rows.ts';
import type { PlayedRow } from './played-rows.ts';
import { layersText, mountText } from './text.ts';
import { SIDES, treeRows } from './tree-rows.ts';
import type { TreeRows } from './tree-rows.ts';

/** All that a finding shows, as plain data: what was observed cannot be had again without it. */
export interface FindingTrace {
  readonly mount: string;
  readonly layers: string;
  /** Who is compared with whom. */
  readonly sides: readonly [predicted: string, observed: string];
  /** Whether somebody predicted anything. */
  readonly isModelled: boolean;
  readonly rows: readonly PlayedRow[];
  /** Index of the row that differs. */
  readonly differing: number | null;
  readonly differences: readonly {
    readonly at: string;
    readonly predicted: string;
    readonly observed: string;
  }[];
  readonly rules: readonly string[];
  readonly isMinimal: boolean;
  /** What does not matter, where it was looked into. */
  readonly explanation?: { readonly title: string; readonly lines: readonly string[] };
  readonly trees: readonly TreeRows[];
  readonly log: string | null;
}

export function traceOf(finding: Finding): FindingTrace {
  const { scenario, checked, rules, isMinimal, log, explanation } = finding;
  const about = {
    mount: mountText(scenario),
    layers: layersText(scenario),
    rules,
    isMinimal,
    log,
    ...(explanation === null
      ? {}
      : {
          explanation: {
            title: explanationTitle(explanation),
            lines: explanationLines(explanation),
          },
        }),
  };
  if (checked === null) {
    const rows = scenario.steps.map((step) => ({ call: printStep(step), model: '', kernel: '' }));
    const nothing = { differing: null, differences: [], trees: [] };
    return { ...about, sides: SIDES, isModelled: false, rows, ...nothing };
  }
  return {
    ...about,
    sides: checked.sides ?? SIDES,
    isModelled: checked.predicted.length > 0,
    rows: playedRows(scenario, checked),
    differing: checked.differences[0]?.step ?? null,
    differences: checked.differences.map(({ at, predicted, observed }) => ({
      ...{ at, predicted, observed },
    })),
    trees: treeRows(checked),
  };
}
