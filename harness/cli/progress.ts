import type { Setting } from '../../model/rules-of.ts';
import type { Tally } from '../campaign-tally.ts';
import { coverageOf } from './run-result.ts';

const SHOW_EVERY_MS = { terminal: 200, pipe: 10_000 } as const;
const CLEAR_LINE = '\r\u001b[K';

/** A live line on a terminal, a line now and then in a pipe, and nothing beside a JSON document. */
export class Progress {
  readonly #isTerminal = process.stdout.isTTY;
  readonly #isSilent: boolean;
  readonly #setting: Setting;
  #shownMs = performance.now();
  #release: string | null = null;

  constructor(isSilent: boolean, setting: Setting) {
    this.#isSilent = isSilent;
    this.#setting = setting;
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
    // Scenarios without steps are as much work as a step is elsewhere.
    const [worked, unit] =
      tally.steps > 0 ? [tally.steps, 'steps'] : [tally.scenarios, 'scenarios'];
    const rate = Math.round(worked / tally.seconds());
    const { total, reached } = coverageOf(this.#release, this.#setting, tally);
    const text =
      `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} ${unit}/s, ` +
      `${reached}/${total} rules, ${findings} findings`;
    process.stdout.write(this.#isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }

  end(): void {
    if (this.#isTerminal && !this.#isSilent) process.stdout.write(CLEAR_LINE);
  }
}
