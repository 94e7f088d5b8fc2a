import type { Explanation } from '../model/explanation.ts';
import type { Checked } from '../model/observation.ts';
import type { Rule } from '../model/rule.ts';
import { RULES } from '../model/rules.ts';
import type { Scenario } from '../model/scenario.ts';
import type { CampaignWorld } from './campaign.ts';
import type { Finding } from './campaign-plan.ts';
import { HarnessError } from './errors.ts';
import type { Guest } from './campaign-guest.ts';
import type { Kernel } from './kernel.ts';
import { knownDisagreement } from './known-disagreement.ts';

/** A scenario that differed once. */
export interface Suspect {
  readonly index: number;
  readonly scenario: Scenario;
  readonly checked: Checked;
  readonly signature: string;
  readonly kernel: Pick<Kernel, 'release' | 'environment'>;
  readonly backend: string;
}

/** So many machines may be lost while a finding shrinks. */
const MACHINES_MAX = 5;
/** Whoever reads a finding may wait so much longer for it. */
const EXPLAIN_MS = 5000;

const OF_STATES: ReadonlySet<string> = new Set(
  Object.entries<Rule>(RULES).flatMap(([id, { isOfState }]) => (isOfState === true ? [id] : [])),
);

type World = Pick<CampaignWorld, 'plan' | 'subject' | 'start' | 'signal' | 'known'>;

/**
 * Runs a suspect again on fresh machines. What differs each time is shrunk; what does not is flaky,
 * and reported as it is, with its rate.
 */
export async function investigate(world: World, suspect: Suspect): Promise<Finding> {
  const { plan } = world;
  const runs = await confirm(world, suspect);
  const times = runs.filter(({ isSame }) => isSame).length;
  const { index, kernel, backend, scenario, checked } = suspect;
  const { release } = kernel;
  const base = { log: null, seed: plan.seed, index, release, backend };
  const reproduced = { times, of: runs.length };
  if (times < runs.length || runs.length === 0) {
    const seen = { scenario, checked, isMinimal: false, explanation: null, reproduced };
    return { kind: 'flaky', ...base, ...seen, ...namesOf(suspect) };
  }
  const shrunk = await shrinkSuspect(world, suspect);
  const names = namesOf({ ...suspect, ...shrunk });
  return { kind: 'difference', ...base, ...shrunk, reproduced, ...names };
}

function namesOf(suspect: Suspect): Pick<Finding, 'cause' | 'rule' | 'rules'> {
  const rules = rulesOf(suspect.checked);
  return { cause: causeOf(suspect), rule: stateIn(rules) ?? rules[0] ?? null, rules };
}

/** Names what went wrong and the first rule that the step was predicted by, or that of a state. */
export function causeOf({ checked, signature }: Pick<Suspect, 'checked' | 'signature'>): string {
  const rules = rulesOf(checked);
  const rule = stateIn(rules) ?? rules[0];
  return rule === undefined ? signature : `${signature} [${rule}]`;
}

/** The rule about the state of an object, if there is one. What it is about comes first. */
export function stateIn(rules: readonly string[]): string | null {
  return rules.find((rule) => OF_STATES.has(rule)) ?? null;
}

/** What the step that differs was predicted by. */
export function rulesOf({ differences, predicted }: Checked): readonly string[] {
  return predicted[differences[0]?.step ?? 0]?.rules ?? [];
}

/** The same scenario once on each of some fresh machines. */
async function confirm(
  world: World,
  { scenario, signature }: Suspect,
): Promise<readonly { readonly isSame: boolean }[]> {
  const runs: { readonly isSame: boolean }[] = [];
  let troubles = 0;
  while (runs.length < world.plan.confirmations && !world.signal.aborted) {
    try {
      // The last one boots from cold: a saved machine could have been saved with something wrong.
      const isCold = runs.length === world.plan.confirmations - 1;
      await using guest = await world.start(world.signal, { isCold });
      const { differences } = await world.subject.check(scenario, guest.kernel);
      runs.push({ isSame: world.subject.signatureOf(scenario, differences) === signature });
    } catch (error) {
      if (!(error instanceof HarnessError) || ++troubles > 1) throw error;
    }
  }
  return runs;
}

/**
 * The smallest scenario that still differs in the same way, and what it shows. One that shows
 * nothing but what is known would not say what is new.
 */
async function shrinkSuspect(world: World, suspect: Suspect): Promise<ShrunkSuspect> {
  const { plan, subject, known } = world;
  const { property } = plan;
  const { kernel, signature } = suspect;
  const state = stateIn(rulesOf(suspect.checked));
  const original = {
    ...{ scenario: suspect.scenario, isMinimal: false, checked: suspect.checked },
    explanation: null,
  };
  await using machine = new Replaceable(world);
  /** Null for what shows nothing new. */
  const check = async (candidate: Scenario): Promise<Checked | null> => {
    const checked = await machine.check(candidate);
    if (checked === null) return null;
    const seen = { property, scenario: candidate, kernel, checked };
    return knownDisagreement(known, seen) === undefined ? checked : null;
  };
  // What each candidate showed, so that the last one need not run again.
  const shown = new Map<Scenario, Checked>();
  const shows = async (candidate: Scenario): Promise<boolean> => {
    const checked = await check(candidate);
    if (checked === null) return false;
    if (subject.signatureOf(candidate, checked.differences) !== signature) return false;
    // What looks the same of an object in a more usual state has another cause.
    if (stateIn(rulesOf(checked)) !== state) return false;
    shown.set(candidate, checked);
    return true;
  };
  const limits = { evaluationsMax: plan.shrinkEvaluationsMax, inFlight: plan.inFlight };
  try {
    const { scenario, isMinimal } = await subject.shrink(suspect.scenario, shows, limits);
    // Where nothing could go this very machine must show it, before it is called minimal.
    if (!shown.has(scenario)) await shows(scenario);
    const checked = shown.get(scenario);
    if (checked === undefined) return original;
    const explanation = await explainShrunk(world, { scenario, checked }, check);
    return { scenario, isMinimal, checked, explanation };
  } catch (error) {
    // A finding that cannot be made smaller now is still a finding.
    if (error instanceof HarnessError) return original;
    throw error;
  }
}

type ShrunkSuspect = Pick<Finding, 'scenario' | 'isMinimal' | 'explanation'> & {
  readonly checked: Checked;
};

/** What does not matter about what is left; trouble on the way is no trouble for the finding. */
async function explainShrunk(
  { plan, subject, signal }: World,
  { scenario, checked: { differences } }: Pick<Suspect, 'scenario' | 'checked'>,
  check: (candidate: Scenario) => Promise<Checked | null>,
): Promise<Explanation | null> {
  const { explainProbesMax: probesMax, inFlight } = plan;
  if (probesMax === 0 || subject.explain === undefined) return null;
  const deadline = performance.now() + EXPLAIN_MS;
  const isOver = (): boolean => signal.aborted || performance.now() >= deadline;
  try {
    return await subject.explain(
      { scenario, differences },
      async (candidate) => (await check(candidate))?.differences ?? [],
      { probesMax, inFlight, isOver },
    );
  } catch (error) {
    if (error instanceof HarnessError) return null;
    throw error;
  }
}

/** A machine that a fresh one takes the place of when it breaks. */
class Replaceable implements AsyncDisposable {
  private readonly world: World;
  private guest: Promise<Guest> | null = null;
  private machines = 0;

  constructor(world: World) {
    this.world = world;
  }

  /** Null for a scenario that broke its machine. */
  async check(scenario: Scenario): Promise<Checked | null> {
    this.guest ??= this.replace();
    const used = this.guest;
    const guest = await used;
    try {
      return await this.world.subject.check(scenario, guest.kernel);
    } catch (error) {
      if (!(error instanceof HarnessError) || this.world.signal.aborted) throw error;
      // Whoever comes first throws the machine away; those in flight with it fail with it.
      if (this.guest === used) {
        this.guest = null;
        await guest[Symbol.asyncDispose]();
      }
      if (this.machines >= MACHINES_MAX) throw error;
      return null;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const guest = await this.guest?.catch(() => null);
    await guest?.[Symbol.asyncDispose]();
  }

  private replace(): Promise<Guest> {
    this.machines++;
    return this.world.start(this.world.signal);
  }
}
