import type { Finding, Subject } from './campaign-plan.ts';
import { causeOf, rulesOf, stateIn } from './campaign-suspect.ts';
import type { Suspect } from './campaign-suspect.ts';

/** What becomes of a cause that was not seen before. */
interface Teller {
  /** Runs a suspect again and shrinks it, which takes seconds. */
  investigate(suspect: Suspect): Promise<Finding>;
  tell(finding: Finding): Promise<void>;
}

/** What was told of a cause. */
interface Told {
  readonly finding: Finding;
  /** The rules that have had a part in each case that was looked into. */
  rules: readonly string[];
}

/** Sorts what differs by its cause: one case of each is told, the others are counted. */
export class Causes {
  private readonly subject: Pick<Subject, 'isAlike' | 'harmOf'>;
  private readonly teller: Teller;
  /** By the name of the cause; null for what was told before the campaign was resumed. */
  private readonly told = new Map<string, Told | null>();
  /** By the cause that a suspect seems to have before it is shrunk: the one that it has. */
  private readonly inHand = new Map<string, Promise<string>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    subject: Pick<Subject, 'isAlike' | 'harmOf'>,
    before: Iterable<string>,
    teller: Teller,
  ) {
    this.subject = subject;
    this.teller = teller;
    for (const cause of before) this.told.set(cause, null);
  }

  hasAny(): boolean {
    return this.told.size + this.inHand.size > 0;
  }

  /** What a suspect is a case of, once that is told. */
  of(suspect: Suspect): Promise<string> {
    const seeming = causeOf(suspect);
    const before = this.inHand.get(seeming);
    if (before !== undefined) return before;
    // One at a time: each takes a further machine, and those that wait may be cases of it.
    const cause = this.last.then(() => this.find(suspect, seeming));
    this.inHand.set(seeming, cause);
    this.last = cause.catch(() => {
      // Not looked into after all: the scenario is tried again, or the campaign ends.
      this.inHand.delete(seeming);
    });
    return cause;
  }

  /** Tells of a kernel that broke; one that does so again and again in one way is one finding. */
  async ofTrouble(finding: Finding): Promise<string> {
    const { cause } = finding;
    if (!this.told.has(cause)) await this.tell(finding, []);
    return cause;
  }

  private async find(suspect: Suspect, seeming: string): Promise<string> {
    const known = this.told.has(seeming) ? seeming : this.oneWith(suspect);
    if (known !== null) return known;
    const found = await this.teller.investigate(suspect);
    const cause = this.told.has(found.cause) ? found.cause : this.ofShrunk(found);
    const rules = common(found.rules, rulesOf(suspect.checked));
    const old = this.told.get(cause);
    if (old === undefined) await this.tell(found, rules);
    // What this case does without is not what it takes.
    else if (old !== null && found.kind === 'difference') old.rules = common(old.rules, rules);
    return cause;
  }

  private async tell(finding: Finding, rules: readonly string[]): Promise<void> {
    this.told.set(finding.cause, { finding, rules });
    await this.teller.tell(finding);
  }

  /** The cause that all rules of a suspect's point to, as far as one can tell without shrinking. */
  private oneWith(suspect: Suspect): string | null {
    const rules = rulesOf(suspect.checked);
    return this.firstAlike(suspect, rules, (old) => isWithin(old.rules, rules));
  }

  /** The same of what cannot be made smaller: then it may also be what an old finding hangs on. */
  private ofShrunk({ scenario, checked, rules, cause }: Finding): string {
    if (checked === null) return cause;
    const isSame = (old: Told): boolean =>
      isWithin(old.rules, rules) || isWithin(rules, old.finding.rules);
    return this.firstAlike({ scenario, checked }, rules, isSame) ?? cause;
  }

  private firstAlike(
    { scenario, checked: { differences } }: Pick<Suspect, 'scenario' | 'checked'>,
    rules: readonly string[],
    isSame: (old: Told) => boolean,
  ): string | null {
    const state = stateIn(rules);
    const harm = state === null ? null : this.subject.harmOf(differences);
    for (const [cause, old] of this.told) {
      // What is flaky was not shrunk, and says little of others.
      if (old?.finding.kind !== 'difference') continue;
      if (stateIn(old.finding.rules) !== state) continue;
      const before = old.finding.checked?.differences ?? [];
      if (harm !== null && harm === this.subject.harmOf(before)) return cause;
      if (!isSame(old)) continue;
      const those = [old.finding.scenario, before] as const;
      if (this.subject.isAlike([scenario, differences], those)) return cause;
    }
    return null;
  }
}

function isWithin(some: readonly string[], others: readonly string[]): boolean {
  // Where nothing is predicted there are no rules to go by.
  return some.length > 0 && common(some, others).length === some.length;
}

function common(some: readonly string[], others: readonly string[]): readonly string[] {
  return some.filter((each) => others.includes(each));
}
