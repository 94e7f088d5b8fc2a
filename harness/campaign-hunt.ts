import type { Checked } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { CampaignWorld } from './campaign.ts';
import type { Finding, KernelFindingKind } from './campaign-plan.ts';
import { HarnessError } from './errors.ts';
import type { HarnessReason } from './errors.ts';
import { exitOf, isKernelTrouble, leftBy } from './campaign-guest.ts';
import type { Guest, GuestExit, KernelTrouble } from './campaign-guest.ts';
import { titleOf } from './kernel-trouble.ts';
import { knownLoss } from './lost-machine.ts';
import type { Cut } from './lost-machine.ts';

/** Takes what was answered after all. */
type Judge = (index: number, scenario: Scenario, checked: Checked, guest: Guest) => Promise<void>;

/** How often a scenario is run alone before what it did is believed. */
const TRIES = 2;

/** What a scenario that is alone does to fresh machines each time is its doing, and not ours. */
const LOSS_KINDS: Readonly<Partial<Record<HarnessReason, KernelFindingKind>>> = {
  timeout: 'hung',
  lost: 'lost',
};

/** What a kernel did to a scenario alone, so often. */
interface Repeated {
  readonly reason: KernelFindingKind;
  readonly report: string;
  readonly times: number;
}

/**
 * Finds out which of the scenarios that were on a machine broke it, by running each one alone on a
 * fresh machine. A kernel that panics, warns or hangs is a finding, and so is a machine that is
 * lost or gives no answer twice; anything else is trouble of ours, which ends the campaign.
 */
export class KernelHunt {
  private readonly world: CampaignWorld;
  private readonly judge: Judge;
  private readonly kernel: Pick<Finding, 'release' | 'backend'>;

  constructor(world: CampaignWorld, { kernel, backend }: Guest, judge: Judge) {
    this.world = world;
    this.kernel = { release: kernel.release, backend };
    this.judge = judge;
  }

  async sortOut(
    exit: GuestExit | null,
    recent: readonly number[],
    unanswered: readonly number[],
  ): Promise<readonly Finding[]> {
    const trouble = isKernelTrouble(exit) ? exit : null;
    // The executor runs programs in order, so the first that was not answered comes first.
    const order = [...unanswered].sort((a, b) => a - b);
    if (trouble !== null) order.push(...recent.filter((index) => !order.includes(index)));
    const found: Finding[] = [];
    let isKnown = false;
    for (const index of order) {
      if (this.world.signal.aborted) break;
      const isUnanswered = unanswered.includes(index);
      if (!isUnanswered && (found.length > 0 || isKnown)) break;
      const repeated = await this.runAlone(index, isUnanswered, trouble !== null);
      if (repeated === 'known') isKnown = true;
      else if (repeated !== null) found.push(this.findingOf(index, repeated));
    }
    if (found.length > 0 || isKnown || trouble === null || order[0] === undefined) return found;
    return [this.findingOf(order[0], { ...trouble, times: 0 }, order.length)];
  }

  /**
   * Which of the scenarios that a machine answered left something behind, as shows when the module
   * is taken out: one half of them after the other, each on a fresh machine.
   */
  async findLeak(leak: KernelTrouble, answered: readonly number[]): Promise<readonly Finding[]> {
    let suspects = answered;
    while (suspects.length > 1 && !this.world.signal.aborted) {
      const half = suspects.slice(0, Math.ceil(suspects.length / 2));
      const isThere = (await this.leakOf(half)) !== null;
      suspects = isThere ? half : suspects.slice(half.length);
    }
    const [index] = suspects;
    if (index === undefined || this.world.signal.aborted) return [];
    const again = await this.leakOf(suspects);
    return [this.findingOf(index, { ...(again ?? leak), times: again === null ? 0 : 1 }, 1)];
  }

  private async leakOf(indexes: readonly number[]): Promise<KernelTrouble | null> {
    const { plan, subject, start, signal } = this.world;
    await using guest = await start(signal);
    for (const index of indexes) await subject.check(subject.scenarioAt(index), guest.kernel);
    // The machine ends with this function.
    return await leftBy(guest, plan.exitWaitMs);
  }

  /** What the kernel did to a scenario alone, if that ended badly again, or was known to. */
  private async runAlone(
    index: number,
    isUnanswered: boolean,
    isHunting: boolean,
  ): Promise<Repeated | 'known' | null> {
    const { plan, subject, start, signal } = this.world;
    const scenario = subject.scenarioAt(index);
    let before: HarnessReason | null = null;
    for (let tries = 1; ; tries++) {
      await using guest = await start(signal);
      try {
        const known = await this.knownLoss(scenario, guest);
        if (known !== null) {
          // What was answered is counted, and broke the machine later.
          if (isUnanswered) await this.judge(index, known.scenario, known.checked, guest);
          return 'known';
        }
        const checked = await subject.check(scenario, guest.kernel);
        const exit = isHunting ? await exitOf(guest, plan.exitWaitMs) : null;
        if (isKernelTrouble(exit)) return { ...exit, times: 1 };
        if (isUnanswered) await this.judge(index, scenario, checked, guest);
        return null;
      } catch (error) {
        if (!(error instanceof HarnessError) || signal.aborted) throw error;
        const exit = await exitOf(guest, plan.exitWaitMs);
        if (isKernelTrouble(exit)) return { ...exit, times: 1 };
        if (tries < TRIES) {
          before = error.reason;
          continue;
        }
        const kind = before === error.reason ? lossKind(error.reason, guest) : undefined;
        if (kind === undefined) throw error;
        const last = exit?.reason === 'lost' ? `\n${exit.detail}` : '';
        return { reason: kind, report: `${error.message}${last}`, times: tries };
      }
    }
  }

  private knownLoss(scenario: Scenario, { kernel }: Guest): Promise<Cut | null> {
    const { known, plan, subject } = this.world;
    const law = { property: plan.property, check: subject.check.bind(subject) };
    return knownLoss(known, law, scenario, kernel);
  }

  private findingOf(index: number, { reason, report, times }: Repeated, of = times): Finding {
    const { plan, subject } = this.world;
    const kernel = this.kernel;
    return {
      kind: reason,
      cause: `${reason}: ${titleOf(report)}`,
      ...{ rule: null, rules: [], checked: null, log: report, isMinimal: false },
      explanation: null,
      ...{
        scenario: subject.scenarioAt(index),
        reproduced: { times, of },
        seed: plan.seed,
        index,
        ...kernel,
      },
    };
  }
}

/** Without a machine of its own a scenario can lose nothing but our executor. */
function lossKind(
  reason: HarnessReason,
  { isShared = false }: Guest,
): KernelFindingKind | undefined {
  return reason === 'lost' && isShared ? undefined : LOSS_KINDS[reason];
}
