import type { PredictedTrace } from './observation.ts';
import type { Scenario } from './scenario.ts';
import type { Environment, Semantics } from './semantics/semantics.ts';
import { OPS } from './ops/index.ts';

export type OpsTable = typeof OPS;

/** What the model says happens. `ops` can be overridden to play a kernel with a bug. */
export function simulate(
  scenario: Scenario,
  semantics: Semantics,
  environment: Environment,
  ops: OpsTable = OPS,
): PredictedTrace {
  throw new Error(`unwritten ${String(scenario && semantics && environment && ops)}`);
}
