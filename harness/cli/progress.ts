import type { CampaignPlan } from '../campaign-plan.ts';
import type { Tally } from '../campaign-tally.ts';
import { coverageOf } from './run-result.ts';

const SHOW_EVERY_MS = { terminal: 200, pipe: 10_000 } as const;
const CLEAR_LINE = '\r\u001b[K';

/** A live line on a terminal, a line now and then in a pipe, and nothing beside a JSON document. */
export class Progress {
  readonly #isTerminal = process.stdout.isTTY;
  readonly #isSilent: boolean;
  readonly #plan: CampaignPlan;
  #shownMs = performance.now();
  #release: string | null = null;

  constructor(isSilent: boolean, plan: CampaignPlan) {
    this.#isSilent = isSilent;
    this.#plan = plan;
  }

  /** A line that stays. */
  line(text: string): void {
    if (this.#isSilent) return;
    process.stdout.write(`${this.#isTerminal ? CLEAR_LINE : ''}${text}\n`);
  }

  /** Which kernel's rules are counted from now on. */
  on(release: string): void {
    this.#release = release;
  }

  show(tally: Tally, findings: number): void {
    const every = this.#isTerminal ? SHOW_EVERY_MS.terminal : SHOW_EVERY_MS.pipe;
    if (this.#isSilent || performance.now() - this.#shownMs < every) return;
    this.#shownMs = performance.now();
    const text = `${this.workText(tally)}, ${findings} findings`;
    process.stdout.write(this.#isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }

  /** A list has an end to tell of; its mounts have no steps, and few of the rules. */
  private workText(tally: Tally): string {
    const { listed } = this.#plan;
    const perSecond = (count: number): number => Math.round(count / tally.seconds());
    if (listed !== null) {
      const rate = perSecond(tally.scenarios);
      return `${tally.scenarios} of ${listed} scenarios, ${rate} scenarios/s`;
    }
    const { total, reached } = coverageOf(this.#release, this.#plan, tally);
    const rate = perSecond(tally.steps);
    return (
      `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} steps/s, ` +
      `${reached}/${total} rules`
    );
  }

  end(): void {
    if (this.#isTerminal && !this.#isSilent) process.stdout.write(CLEAR_LINE);
  }
}
