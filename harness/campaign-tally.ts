import type { PredictedTrace } from '../model/observation.ts';
import { RULES } from '../model/rules.ts';
import type { RuleId } from '../model/rules.ts';
import type { Scenario } from '../model/scenario.ts';
import { Pace } from './pace.ts';
import type { PaceRecord } from './pace.ts';
import { FunctionTally } from './function-tally.ts';
import type { FunctionRecord } from './function-tally.ts';
import { ObjectTally } from './object-tally.ts';
import type { ObjectRecord } from './object-tally.ts';

/** What a campaign has done so far, as plain data: enough to go on with after it was killed. */
export interface TallyRecord {
  /** Every index below it is done; `beyond` are those done above. */
  readonly doneBelow: number;
  readonly beyond: readonly number[];
  readonly scenarios: number;
  readonly steps: number;
  readonly rules: Readonly<Record<string, number>>;
  /** How often each cause was seen. */
  readonly causes: Readonly<Record<string, number>>;
  readonly known: number;
  /** The same for each entry of the list of known disagreements. */
  readonly knownBy: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** How often each operation ran as a step. */
  readonly stepKinds: Readonly<Record<string, number>>;
  readonly pace: PaceRecord;
  /** What the steps were about. */
  readonly objects?: ObjectRecord;
  /** Where functions were traced. */
  readonly functions?: FunctionRecord;
}

/** Counts of a running campaign, and which scenario comes next. */
export class Tally {
  scenarios = 0;
  steps = 0;
  known = 0;
  readonly knownBy = new Map<string, number>();
  readonly rules = new Map<RuleId, number>();
  readonly causes = new Map<string, number>();
  private readonly stepKinds = new Map<string, number>();
  private readonly pace: Pace;
  readonly objects: ObjectTally;
  /** Has none where they are not traced. */
  readonly functions: FunctionTally;
  private doneBelow = 0;
  private nextIndex = 0;
  private readonly beyond = new Set<number>();
  private readonly secondsBefore: number;
  private readonly startedAt = performance.now();
  private readonly shard: { readonly index: number; readonly of: number };

  constructor(
    shard: { readonly index: number; readonly of: number },
    record: TallyRecord | null = null,
  ) {
    this.shard = shard;
    this.secondsBefore = record?.seconds ?? 0;
    this.pace = new Pace(record?.pace);
    this.objects = new ObjectTally(record?.objects);
    this.functions = new FunctionTally(record?.functions);
    if (record === null) return;
    this.doneBelow = record.doneBelow;
    this.nextIndex = record.doneBelow;
    for (const index of record.beyond) this.beyond.add(index);
    for (const [rule, count] of Object.entries(record.rules)) {
      if (rule in RULES) this.rules.set(rule as RuleId, count); // Just looked up.
    }
    for (const [cause, count] of Object.entries(record.causes)) this.causes.set(cause, count);
    for (const [op, count] of Object.entries(record.stepKinds)) this.stepKinds.set(op, count);
    this.scenarios = record.scenarios;
    this.steps = record.steps;
    this.known = record.known;
    for (const [entry, count] of Object.entries(record.knownBy)) this.knownBy.set(entry, count);
  }

  /** The next index of this shard that is not done yet. */
  peek(): number {
    while (this.nextIndex % this.shard.of !== this.shard.index || this.beyond.has(this.nextIndex)) {
      this.nextIndex++;
    }
    return this.nextIndex;
  }

  /** The same, and it is given to nobody else. */
  next(): number {
    const index = this.peek();
    this.nextIndex++;
    return index;
  }

  /** Counts a scenario as done, with the rules that its predictions cited. */
  done(index: number, { steps }: Pick<Scenario, 'steps'>, predicted: PredictedTrace): void {
    this.scenarios++;
    // A mount that fails, as it should, leaves no step to check.
    if (predicted.length !== 1) this.played(steps);
    for (const { rules, objects = [] } of predicted) {
      for (const object of objects) this.objects.note(object);
      for (const rule of rules) this.rules.set(rule, (this.rules.get(rule) ?? 0) + 1);
    }
    this.beyond.add(index);
    const isOurs = (at: number): boolean => at % this.shard.of === this.shard.index;
    while (!isOurs(this.doneBelow) || this.beyond.delete(this.doneBelow)) {
      this.doneBelow++;
    }
  }

  private played(steps: Scenario['steps']): void {
    this.steps += steps.length;
    for (const { op } of steps) this.stepKinds.set(op, (this.stepKinds.get(op) ?? 0) + 1);
    this.pace.add(this.seconds(), steps.length);
  }

  /** Counts one more scenario that showed what is known. */
  seenKnown(entry: string): void {
    this.known++;
    this.knownBy.set(entry, (this.knownBy.get(entry) ?? 0) + 1);
  }

  /** Counts one more scenario with this cause, and says how many there are now. */
  seen(cause: string): number {
    const count = (this.causes.get(cause) ?? 0) + 1;
    this.causes.set(cause, count);
    return count;
  }

  seconds(): number {
    return this.secondsBefore + (performance.now() - this.startedAt) / 1000;
  }

  record(): TallyRecord {
    const functions = this.functions.record();
    return {
      doneBelow: this.doneBelow,
      beyond: [...this.beyond],
      scenarios: this.scenarios,
      steps: this.steps,
      rules: Object.fromEntries(this.rules),
      causes: Object.fromEntries(this.causes),
      known: this.known,
      knownBy: Object.fromEntries(this.knownBy),
      seconds: this.seconds(),
      stepKinds: Object.fromEntries(this.stepKinds),
      pace: this.pace.record(),
      objects: this.objects.record(),
      ...(functions.offered.length > 0 ? { functions } : {}),
    };
  }
}
