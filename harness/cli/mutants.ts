import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { BASE_TYPES } from '../../model/bases.ts';
import { HarnessError } from '../errors.ts';
import type { StartGuest } from '../campaign-guest.ts';
import { resolveKernel } from '../kernels/resolve.ts';
import { prepareBuilder } from '../mutants/build.ts';
import type { BuiltModule, ModuleBuilder } from '../mutants/build.ts';
import { chooseMutants, isEquivalent, readMutants } from '../mutants/record.ts';
import { moduleSource } from '../mutants/source.ts';
import type { MutantScoreDocument } from '../report/document.ts';
import { findingText } from '../report/text.ts';
import { prepareGuests } from '../start-guest.ts';
import {
  CACHE_DIR,
  EXIT,
  exitOfError,
  FIXTURES_DIR,
  interruption,
  REPORTS_DIR,
} from './context.ts';
import { tellOnStderr } from './context.ts';
import { hunt } from './mutant-hunt.ts';
import type { Hunted } from './mutant-hunt.ts';
import {
  answersTo,
  keepOutcome,
  readOutcomes,
  scoreOf,
  scoreText,
  stepsThatMatter,
} from './mutant-score.ts';
import type { Outcome } from './mutant-score.ts';
import { makeFolder, readDisagreements, writeWhole } from './report-dir.ts';

export interface MutantFlags {
  readonly records: string;
  readonly kernel: string;
  readonly mirror?: string;
}

export interface HuntFlags extends MutantFlags {
  readonly seed: number;
  readonly steps: number;
  readonly shrink: number;
}

export interface ScoreFlags extends HuntFlags {
  readonly seeds: number;
  readonly jobs: number;
  readonly report?: string;
  readonly json?: boolean;
}

export const MUTANT_DEFAULTS = {
  records: join(FIXTURES_DIR, 'mutants'),
  kernel: '6.1',
  seed: 1,
  steps: 20_000,
  seeds: 5,
  jobs: 2,
  shrink: 300,
} as const;

/** The unmodified module, where a mutant's id is asked for: what it shows is no bug of a mutant. */
export const UNMODIFIED = 'unmodified';

/** Every record, with what is said of it. */
export function mutantsList({ records }: Pick<MutantFlags, 'records'>): number {
  const mutants = readMutants(records);
  for (const mutant of mutants) {
    const mark = isEquivalent(mutant) ? ' (equivalent)' : '';
    process.stdout.write(
      `${mutant.id.padEnd(28)} ${mutant.class.padEnd(22)} ${mutant.title}${mark}\n`,
    );
  }
  process.stdout.write(`${mutants.length} mutants\n`);
  return EXIT.holds;
}

/** Builds modules and says where they are. */
export async function mutantsBuild(ids: readonly string[], flags: MutantFlags): Promise<number> {
  const mutants = chooseMutants(readMutants(flags.records), ids);
  const builder = await builderFor(flags);
  process.stdout.write(`${UNMODIFIED}: ${builder.unmodified.path}\n`);
  for (const mutant of mutants) {
    const { path } = await builder.build(mutant);
    process.stdout.write(`${mutant.id}: ${path}\n`);
  }
  return EXIT.holds;
}

/** Hunts some mutants, one after the other, and shows what gave each away. */
export async function mutantsRun(ids: readonly string[], flags: HuntFlags): Promise<number> {
  const all = readMutants(flags.records);
  const mutants = ids.map((id) =>
    id === UNMODIFIED ? null : (chooseMutants(all, [id])[0] ?? null),
  );
  const builder = await builderFor(flags);
  const signal = interruption();
  let found = 0;
  for (const mutant of mutants) {
    const module = mutant === null ? builder.unmodified : await builder.build(mutant);
    const id = mutant?.id ?? UNMODIFIED;
    const hunted = await huntOne({ flags, builder, module, signal }, flags.seed);
    if (hunted.finding !== null) process.stdout.write(`${findingText(hunted.finding)}\n`);
    process.stdout.write(`${id}: ${sentenceOf(hunted)}\n`);
    if (hunted.found) found++;
  }
  return found > 0 ? EXIT.differs : EXIT.holds;
}

/** Hunts all mutants with several seeds, and goes on where the report folder has some already. */
export async function mutantsScore(ids: readonly string[], flags: ScoreFlags): Promise<number> {
  const mutants = chooseMutants(readMutants(flags.records), ids);
  const folder = flags.report ?? join(REPORTS_DIR, 'mutants');
  makeFolder(folder);
  const builder = await builderFor(flags);
  const signal = interruption();
  const done = [...readOutcomes(folder)];
  const troubles: HarnessError[] = [];
  const known = (key: string): Known => knownOf(done, key, flags);
  // Every mutant by one seed before any by the next, so that the later ones know how far to go.
  const queue = Array.from({ length: flags.seeds }, (_, turn) => flags.seed + turn).flatMap(
    (seed) => mutants.map((mutant) => ({ mutant, seed })),
  );
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { mutant, seed } = next;
      const module = await builder.build(mutant);
      const { outcomes, stepsMax } = known(module.key);
      if (stepsMax === 0 || outcomes.some((one) => one.seed === seed)) continue;
      const startedMs = performance.now();
      const far = { ...flags, steps: stepsMax };
      const hunted = await huntOne({ flags: far, builder, module, signal }, seed).catch(
        (error: unknown) => {
          // Whoever is in trouble is hunted again by the next call; the others need not wait.
          if (!(error instanceof HarnessError) || signal.aborted) throw error;
          tellOnStderr(`${mutant.id}, seed ${seed}: trouble of our own: ${error.message}`);
          troubles.push(error);
          return null;
        },
      );
      if (hunted === null) continue;
      const outcome = outcomeOf(hunted, {
        ...{ id: mutant.id, seed, key: module.key, stepsMax },
        seconds: Math.round((performance.now() - startedMs) / 1000),
      });
      keepFinding(folder, `${mutant.id}-${seed}`, hunted);
      keepOutcome(folder, outcome);
      done.push(outcome);
      tellOnStderr(`${mutant.id}, seed ${seed}: ${sentenceOf(hunted)} (${outcome.seconds} s)`);
    }
  };
  await Promise.all(Array.from({ length: flags.jobs }, work));
  const scores: MutantScoreDocument = await Promise.all(
    mutants.map(async (mutant) => {
      const { key } = await builder.build(mutant);
      return scoreOf(mutant, known(key).outcomes);
    }),
  );
  const text = flags.json === true ? JSON.stringify(scores, null, 1) : scoreText(scores);
  process.stdout.write(`${text}\n`);
  return troubles[0] === undefined ? EXIT.holds : exitOfError(troubles[0]);
}

interface Known {
  readonly outcomes: readonly Outcome[];
  /** How far one more hunt has to go. */
  readonly stepsMax: number;
}

function knownOf(done: readonly Outcome[], key: string, { seed, seeds, steps }: ScoreFlags): Known {
  const mine = done.filter((one) => one.seed >= seed && one.seed < seed + seeds);
  const whole = answersTo(mine, key, steps);
  const stepsMax = stepsThatMatter(whole, seeds, steps);
  return { outcomes: answersTo(mine, key, steps, stepsMax), stepsMax };
}

function outcomeOf(
  { finding: _, alarms, ...hunted }: Hunted,
  about: Pick<Outcome, 'id' | 'seed' | 'key' | 'stepsMax' | 'seconds'>,
): Outcome {
  return { ...about, ...hunted, alarms: alarms.length };
}

function keepFinding(folder: string, name: string, { finding, alarms }: Hunted): void {
  const kept = [
    ...(finding === null ? [] : ([[name, finding]] as const)),
    ...alarms.map((alarm, index) => [`alarm-${name}-${index + 1}`, alarm] as const),
  ];
  for (const [stem, one] of kept) {
    writeWhole(join(folder, `${stem}.json`), `${JSON.stringify(one.scenario, null, 1)}\n`);
    writeWhole(join(folder, `${stem}.txt`), findingText(one));
  }
}

function sentenceOf({ found, property, cause, steps, scenarios }: Hunted): string {
  const work = `${steps} steps, ${scenarios} scenarios`;
  return found ? `found by ${property ?? ''} after ${work}: ${cause ?? ''}` : `survived ${work}`;
}

export async function builderFor({
  kernel,
  mirror,
}: Pick<MutantFlags, 'kernel' | 'mirror'>): Promise<ModuleBuilder> {
  const options = { cacheDir: CACHE_DIR, note: tellOnStderr };
  const from = mirror === undefined ? options : { ...options, mirror };
  const image = await resolveKernel(kernel, { ...from, backend: 'qemu' });
  mkdirSync(CACHE_DIR, { recursive: true });
  return prepareBuilder(await moduleSource(image, from), CACHE_DIR);
}

interface One {
  readonly flags: HuntFlags;
  readonly builder: ModuleBuilder;
  readonly module: BuiltModule;
  readonly signal: AbortSignal;
}

async function huntOne({ flags, builder, module, signal }: One, seed: number): Promise<Hunted> {
  const source = await machinesWith(flags, module);
  const isMutant = module.key !== builder.unmodified.key;
  return hunt({
    seed,
    stepsMax: flags.steps,
    shrinkEvaluationsMax: flags.shrink,
    release: source.release,
    start: source.start,
    startUnmodified: isMutant ? (await machinesWith(flags, builder.unmodified)).start : null,
    known: readDisagreements(FIXTURES_DIR),
    signal,
    note: tellOnStderr,
  });
}

/** Machines that are restored rather than booted: there are hundreds of them. */
async function machinesWith(
  { kernel, mirror }: MutantFlags,
  { path }: BuiltModule,
): Promise<{ readonly release: string; readonly start: StartGuest }> {
  const { image, start } = await prepareGuests({
    ...{ kernel, backend: 'qemu', mirror, module: path },
    ...{ cacheDir: CACHE_DIR, bases: BASE_TYPES },
  });
  if (image.kind !== 'vm') throw new HarnessError('bad-input', 'mutants run in a VM');
  return { release: image.release, start: (signal) => start(signal) };
}
