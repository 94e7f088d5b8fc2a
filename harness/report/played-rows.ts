import type { Checked } from '../../model/observation.ts';
import { printObservation, printPrediction, printStep } from '../../model/print-step.ts';
import { withEpilogue } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';

/** A step that ran: the call, what the model says and what the kernel did. */
export interface PlayedRow {
  readonly call: string;
  /** Empty where no model was asked. */
  readonly model: string;
  readonly kernel: string;
}

/** The mount and every step, up to the one that differs. */
export function playedRows(
  scenario: Scenario,
  { differences, predicted, observed }: Checked,
): readonly PlayedRow[] {
  const differing = differences[0]?.step ?? Infinity;
  const { steps } = withEpilogue(scenario);
  const played: readonly unknown[] = predicted.length > 0 ? predicted : observed;
  return played.slice(0, differing + 1).map((_, index) => {
    const step = steps[index - 1];
    const op = step?.op ?? 'mount';
    const seen = observed[index];
    const said = predicted[index];
    return {
      call: step === undefined ? 'mount' : printStep(step),
      model: said === undefined ? '' : printPrediction(op, said.result),
      kernel: seen === undefined ? 'nothing' : printObservation(op, seen.result),
    };
  });
}
