import { RULES } from '../../model/rules.ts';
import type { Tally } from '../campaign-tally.ts';

const SHOW_EVERY_MS = { terminal: 200, pipe: 10_000 } as const;
const CLEAR_LINE = '\r\u001b[K';

/** A live line on a terminal, a line now and then in a pipe, and nothing beside a JSON document. */
export class Progress {
  readonly #isTerminal = process.stdout.isTTY;
  readonly #isSilent: boolean;
  #shownMs = performance.now();

  constructor(isSilent: boolean) {
    this.#isSilent = isSilent;
  }

  /** A line that stays. */
  line(text: string): void {
    if (this.#isSilent) return;
    process.stdout.write(`${this.#isTerminal ? CLEAR_LINE : ''}${text}\n`);
  }

  show(tally: Tally, findings: number): void {
    const every = this.#isTerminal ? SHOW_EVERY_MS.terminal : SHOW_EVERY_MS.pipe;
    if (this.#isSilent || performance.now() - this.#shownMs < every) return;
    this.#shownMs = performance.now();
    // Scenarios without steps are as much work as a step is elsewhere.
    const [worked, unit] =
      tally.steps > 0 ? [tally.steps, 'steps'] : [tally.scenarios, 'scenarios'];
    const rate = Math.round(worked / tally.seconds());
    const rules = `${tally.rules.size}/${Object.keys(RULES).length} rules`;
    const text =
      `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} ${unit}/s, ` +
      `${rules}, ${findings} findings`;
    process.stdout.write(this.#isTerminal ? CLEAR_LINE + text : `${text}\n`);
  }

  end(): void {
    if (this.#isTerminal && !this.#isSilent) process.stdout.write(CLEAR_LINE);
  }
}
