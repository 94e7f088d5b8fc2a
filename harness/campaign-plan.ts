import type { Explanation } from '../model/explanation.ts';
import type { Checked, Difference } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { ModuleParameters } from '../model/semantics/module-parameters.ts';
import type { KernelTrouble } from './campaign-guest.ts';
import type { Kernel } from './kernel.ts';

/** How much a campaign runs, where, and when it ends. */
export interface CampaignPlan {
  readonly property: string;
  /** What the kernel is held against, where that is not what its version says. */
  readonly semantics?: string;
  readonly seed: number;
  readonly options: string;
  readonly base: string;
  readonly parameters?: ModuleParameters;
  /** All mounts are made by root of a user namespace. */
  readonly userns?: true;
  readonly stepCount: number;
  /** Ends after so many scenarios or so much time, whichever comes first. */
  readonly scenariosMax: number | null;
  readonly timeMs: number | null;
  /** How many scenarios there are, where they are a list. */
  readonly listed: number | null;
  /** Machines at a time, and scenarios on their way to each. */
  readonly jobs: number;
  readonly inFlight: number;
  /** This one of so many that share the scenarios of a seed. */
  readonly shard: { readonly index: number; readonly of: number };
  /** Ends after so many different findings: whoever has ten will not read the eleventh. */
  readonly findingsMax: number;
  /** How often a finding is run again, each time on a fresh machine. */
  readonly confirmations: number;
  readonly shrinkEvaluationsMax: number;
  /** So many variations of what is left tell what does not matter; 0 for none. */
  readonly explainProbesMax: number;
  /** How long a machine that answers no more may take to say why. */
  readonly exitWaitMs: number;
}

/** What a campaign checks: a property with its seed and options, as plain functions. */
export interface Subject {
  scenarioAt(index: number): Scenario;
  check(scenario: Scenario, kernel: Kernel): Promise<Checked>;
  /** For scenarios that are a list: how many, and how they are checked many at once. */
  readonly list?: {
    readonly count: number;
    readonly together: number;
    check(scenarios: readonly Scenario[], kernel: Kernel): Promise<readonly Checked[]>;
  };
  /** What stays the same about a difference while it shrinks; null when there is none. */
  signatureOf(scenario: Scenario, differences: readonly Difference[]): string | null;
  /** Whether what differs is much the same as before. */
  isAlike(one: Differing, before: Differing): boolean;
  /** What became of an object, whichever call shows it; null for a call that fails. */
  harmOf(differences: readonly Difference[]): string | null;
  shrink(
    scenario: Scenario,
    shows: (candidate: Scenario) => Promise<boolean>,
    limits: { readonly evaluationsMax: number; readonly inFlight: number },
  ): Promise<{ readonly scenario: Scenario; readonly isMinimal: boolean }>;
  /** What about a shrunk scenario does not matter, where that can be told. */
  explain?(
    shrunk: Pick<Checked, 'differences'> & { readonly scenario: Scenario },
    differencesOf: (candidate: Scenario) => Promise<readonly Difference[]>,
    limits: ExplainLimits,
  ): Promise<Explanation>;
}

/** A scenario, and what differs in it. */
export type Differing = readonly [Scenario, readonly Difference[]];

export interface ExplainLimits {
  readonly probesMax: number;
  readonly inFlight: number;
  readonly isOver: () => boolean;
}

/** A difference or a kernel's trouble, once for each cause. */
export interface Finding {
  readonly kind: 'difference' | 'flaky' | KernelFindingKind;
  /** Names the cause: what differed, and the rule it was predicted by. */
  readonly cause: string;
  readonly rule: string | null;
  readonly rules: readonly string[];
  /** Shrunk, but for what does not reproduce each time. */
  readonly scenario: Scenario;
  readonly isMinimal: boolean;
  /** What about it does not matter; null where nobody looked. */
  readonly explanation: Explanation | null;
  readonly checked: Checked | null;
  readonly log: string | null;
  readonly reproduced: { readonly times: number; readonly of: number };
  readonly seed: number;
  readonly index: number;
  readonly release: string;
  readonly backend: string;
}

export type KernelFindingKind = KernelTrouble['reason'] | 'lost';
