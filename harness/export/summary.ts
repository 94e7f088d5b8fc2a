import { printPrediction, printStep } from '../../model/print-step.ts';
import type { Reproducer } from './reproducer.ts';

/** What a reproducer says of itself: what differed, and which kernels' semantics it expects. */
export function summaryOf(reproducer: Reproducer): readonly string[] {
  const { semantics, differences, scenario, predicted, ownSteps } = reproducer;
  const seen = differences.map(({ at, predicted: model, observed }) => {
    return `  ${at}: expected ${model}, seen ${observed}`;
  });
  const steps = scenario.steps.slice(0, ownSteps).map((step, index) => {
    const result = predicted[index + 1]?.result;
    const said = result === undefined ? '' : ` = ${printPrediction(step.op, result)}`;
    return `  ${printStep(step)}${said}`.replaceAll('*/', '* /');
  });
  return [
    `A reproducer for overlayfs, which expects what ${semantics.id} is to do:`,
    ...steps,
    ...(seen.length === 0 ? [] : ['A kernel differed after the last of these:', ...seen]),
  ];
}
