import type { PlainScenario } from '../model/layer-plan.ts';
import type { MountView, ObservedTrace } from '../model/observation.ts';
import type { Observation } from '../model/prediction.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Environment } from '../model/semantics/semantics.ts';

/** A running kernel. All that a property ever sees of the outside world. */
export interface Kernel {
  /** What `uname -r` says. */
  readonly release: string;
  readonly environment: Environment;
  /**
   * Mounts fresh layers, runs the steps and the epilogue, observes after each. The program is on
   * its way before this returns, and several may be. Rejects only with a HarnessError.
   */
  run(scenario: Scenario): Promise<ObservedTrace>;
  /** Runs steps in a tree without overlayfs, on the file system that an upper layer is on. */
  runPlain(plain: PlainScenario): Promise<ObservedTrace>;
  /** Mounts each scenario's layers, empty, and unmounts them again: one frame for all of them. */
  mountEach(scenarios: readonly Scenario[]): Promise<readonly Observation<MountView>[]>;
}
