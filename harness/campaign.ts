import type { Checked } from '../model/observation.ts';
import type { Scenario } from '../model/scenario.ts';
import type { Environment } from '../model/semantics/semantics.ts';
import { KernelHunt } from './campaign-hunt.ts';
import type { CampaignPlan, Finding, Subject } from './campaign-plan.ts';
import { Causes } from './campaign-causes.ts';
import { investigate } from './campaign-suspect.ts';
import type { Suspect } from './campaign-suspect.ts';
import type { Tally } from './campaign-tally.ts';
import { HarnessError } from './errors.ts';
import { exitOf, leftBy } from './campaign-guest.ts';
import { knownDisagreement } from './known-disagreement.ts';
import type { KnownDisagreement } from './known-disagreement.ts';
import type { Guest, GuestExit, KernelTrouble, StartGuest } from './campaign-guest.ts';

export type Verdict = 'holds' | 'differs' | 'kernel-finding' | 'inconclusive';

/** Who is told of a campaign's progress. What is found is safe once `finding` has resolved. */
export interface CampaignWatcher {
  started(guest: Guest): void;
  progress(tally: Tally): void;
  finding(finding: Finding): Promise<void>;
  note(text: string): void;
}

export interface CampaignEnd {
  readonly verdict: Verdict;
  /** What kept the campaign from an answer. */
  readonly trouble: HarnessError | null;
  readonly isInterrupted: boolean;
  readonly findings: readonly Finding[];
  readonly release: string | null;
  readonly environment: Environment | null;
  readonly backend: string | null;
  /** How the first machine was started. */
  readonly boot: Boot | null;
  /** From the start of this process. */
  readonly firstCheckedStepMs: number | null;
}

export interface Boot extends Pick<Guest, 'how' | 'bootMs'> {
  /** What a kernel takes whoever its init is; null for one that was not booted. */
  readonly kernelBootMs: number | null;
}

/** All that a campaign works with. */
export interface CampaignWorld {
  readonly plan: CampaignPlan;
  readonly subject: Subject;
  readonly start: StartGuest;
  readonly known: readonly KnownDisagreement[];
  readonly tally: Tally;
  readonly watcher: CampaignWatcher;
  readonly signal: AbortSignal;
}

/** Runs scenarios on fresh machines until the plan says enough, and looks into what differs. */
export async function runCampaign(world: CampaignWorld): Promise<CampaignEnd> {
  const campaign = new Campaign(world);
  await Promise.all(Array.from({ length: world.plan.jobs }, () => campaign.runJob()));
  return campaign.end();
}

/** Whether it was seen again at all. */
export function isCertain({ reproduced }: Finding): boolean {
  return reproduced.times > 0;
}

function nothingCompared(): HarnessError {
  return new HarnessError('trouble', 'nothing was compared');
}

/** One machine's share: what it has been given, and whether it still answers. */
interface Shift {
  readonly guest: Guest;
  isUsable: boolean;
  /** Given to the machine lately, oldest first: one of them may be what broke it. */
  readonly recent: number[];
  /** All that it answered, for what shows in the end only. */
  readonly answered: number[];
  readonly unanswered: number[];
}

class Campaign {
  private readonly world: CampaignWorld;
  private readonly deadline: number;
  private readonly findings: Finding[] = [];
  private readonly causes: Causes;
  private readonly knownSeen = new Set<KnownDisagreement>();
  private trouble: HarnessError | null = null;
  private givenOut: number;
  private first: Pick<CampaignEnd, 'release' | 'environment' | 'backend' | 'boot'> | null = null;
  private firstCheckedStepMs: number | null = null;

  constructor(world: CampaignWorld) {
    this.world = world;
    this.deadline = performance.now() + (world.plan.timeMs ?? Infinity);
    this.givenOut = world.tally.scenarios;
    this.causes = new Causes(world.subject, world.tally.causes.keys(), {
      investigate: (suspect) => investigate(world, suspect),
      tell: (finding) => this.report(finding),
    });
  }

  async runJob(): Promise<void> {
    try {
      while (!this.isOver()) await this.runShift();
    } catch (error) {
      if (!(error instanceof HarnessError)) throw error;
      if (!this.world.signal.aborted) this.trouble ??= error;
    }
  }

  end(): CampaignEnd {
    const { signal, tally } = this.world;
    const kinds = new Set(this.findings.filter(isCertain).map(({ kind }) => kind));
    const isAnswered = this.trouble === null && this.findings.every(isCertain);
    let verdict: Verdict = isAnswered && tally.scenarios > 0 ? 'holds' : 'inconclusive';
    if (kinds.size > 0) {
      verdict = kinds.has('difference') || kinds.has('flaky') ? 'differs' : 'kernel-finding';
    }
    return {
      verdict,
      trouble: this.trouble ?? (tally.scenarios === 0 ? nothingCompared() : null),
      isInterrupted: signal.aborted,
      findings: this.findings,
      release: this.first?.release ?? null,
      environment: this.first?.environment ?? null,
      backend: this.first?.backend ?? null,
      boot: this.first?.boot ?? null,
      firstCheckedStepMs: this.firstCheckedStepMs,
    };
  }

  private isOver(): boolean {
    const { plan, subject, tally, signal } = this.world;
    // A boot may take all of the time, and nothing compared is no answer.
    const isAnswered = tally.scenarios > 0 || this.causes.hasAny();
    return (
      signal.aborted ||
      this.trouble !== null ||
      this.findings.length >= plan.findingsMax ||
      this.givenOut >= (plan.scenariosMax ?? Infinity) ||
      (subject.list !== undefined && tally.peek() >= subject.list.count) ||
      (isAnswered && performance.now() >= this.deadline)
    );
  }

  /** From the start of one machine until it breaks or the campaign is over. */
  private async runShift(): Promise<void> {
    const { plan, start, signal, watcher } = this.world;
    const guest = await start(signal);
    const shift: Shift = { guest, isUsable: true, recent: [], answered: [], unanswered: [] };
    let exit: GuestExit | null = null;
    let leak: KernelTrouble | null = null;
    try {
      const { kernel, backend } = guest;
      const { release, environment } = kernel;
      this.first ??= { release, environment, backend, boot: bootOf(guest) };
      watcher.started(guest);
      void guest.exited.then(({ reason }) => {
        if (reason !== 'disposed') shift.isUsable = false;
      });
      await Promise.all(Array.from({ length: plan.inFlight }, () => this.runLane(shift)));
      if (shift.isUsable && !signal.aborted) leak = await leftBy(guest, plan.exitWaitMs);
      else if (!signal.aborted) exit = await exitOf(guest, plan.exitWaitMs);
    } finally {
      await guest[Symbol.asyncDispose]();
    }
    if ((shift.isUsable && leak === null) || signal.aborted) return;
    const { recent, answered, unanswered } = shift;
    const hunt = new KernelHunt(this.world, guest, (...checked) => this.judge(...checked));
    const findings =
      leak === null
        ? await hunt.sortOut(exit, recent, unanswered)
        : await hunt.findLeak(leak, answered);
    for (const finding of findings) this.world.tally.seen(await this.causes.ofTrouble(finding));
  }

  /** One scenario after the other; the lanes of a machine keep it busy while the model thinks. */
  private async runLane(shift: Shift): Promise<void> {
    while (shift.isUsable && !this.isOver()) {
      const { subject, plan, signal } = this.world;
      const indexes = this.takeSome();
      const scenarios = indexes.map((index) => subject.scenarioAt(index));
      shift.recent.push(...indexes);
      const recentMax = 2 * plan.inFlight * (subject.list?.together ?? 1);
      if (shift.recent.length > recentMax) shift.recent.splice(0, indexes.length);
      let answered = 0;
      try {
        for (const checked of await this.checkAll(scenarios, shift.guest.kernel)) {
          const [index, scenario] = [indexes[answered], scenarios[answered]];
          if (index === undefined || scenario === undefined) break;
          shift.answered.push(index);
          await this.judge(index, scenario, checked, shift.guest);
          answered++;
        }
      } catch (error) {
        if (!(error instanceof HarnessError)) throw error;
        if (signal.aborted) return;
        shift.isUsable = false;
        shift.unanswered.push(...indexes.slice(answered));
      }
    }
  }

  /** The next scenarios to be checked, by index: one, or many of a list. */
  private takeSome(): readonly number[] {
    const { subject, tally } = this.world;
    const indexes: number[] = [];
    while (indexes.length < (subject.list?.together ?? 1) && !this.isOver()) {
      indexes.push(tally.next());
      this.givenOut++;
    }
    return indexes;
  }

  private async checkAll(
    scenarios: readonly Scenario[],
    kernel: Guest['kernel'],
  ): Promise<readonly Checked[]> {
    const { subject } = this.world;
    if (subject.list !== undefined) return subject.list.check(scenarios, kernel);
    return Promise.all(scenarios.map((scenario) => subject.check(scenario, kernel)));
  }

  /** Counts a scenario that was answered, and looks into what differs, once for each cause. */
  private async judge(
    index: number,
    scenario: Scenario,
    checked: Checked,
    guest: Guest,
  ): Promise<void> {
    const { subject, tally, watcher } = this.world;
    if (scenario.steps.length > 0) this.firstCheckedStepMs ??= performance.now();
    const signature = subject.signatureOf(scenario, checked.differences);
    if (signature !== null) {
      const { kernel, backend } = guest;
      const suspect = { index, scenario, checked, signature, kernel, backend };
      await this.suspect(suspect);
    }
    tally.done(index, scenario, checked.predicted);
    watcher.progress(tally);
  }

  private async suspect(suspect: Suspect): Promise<void> {
    const { plan, tally, known } = this.world;
    const old = knownDisagreement(known, { property: plan.property, ...suspect });
    if (old !== undefined) {
      this.noteKnown(old, suspect.kernel.release);
      return;
    }
    tally.seen(await this.causes.of(suspect));
  }

  private noteKnown(known: KnownDisagreement, release: string): void {
    this.world.tally.seenKnown(known.file);
    if (this.knownSeen.has(known)) return;
    this.knownSeen.add(known);
    this.world.watcher.note(`known on ${release}: ${known.file}: ${known.reason}`);
  }

  private async report(finding: Finding): Promise<void> {
    this.findings.push(finding);
    await this.world.watcher.finding(finding);
  }
}

function bootOf({ how, bootMs, setUpMs }: Guest): Boot {
  return { how, bootMs, kernelBootMs: how === 'cold' ? bootMs - setUpMs : null };
}
