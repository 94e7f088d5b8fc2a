import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomAt } from '../../properties/random.ts';
import { HarnessError } from '../errors.ts';
import type { ModuleBuilder } from '../mutants/build.ts';
import { readMutants } from '../mutants/record.ts';
import type { Mutant } from '../mutants/record.ts';
import { isSameCode } from '../mutants/same-code.ts';
import { systematicMutants } from '../mutants/systematic.ts';
import { EXIT, interruption, tellOnStderr } from './context.ts';
import { builderFor } from './mutants.ts';
import type { MutantFlags } from './mutants.ts';
import { makeFolder, writeWhole } from './report-dir.ts';

export interface SystematicFlags extends Pick<MutantFlags, 'kernel' | 'mirror'> {
  readonly count: number;
  readonly seed: number;
}

/** Mutants of which no hunt could say anything, and why. */
const LEFT_OUT = 'left-out.jsonl';
type WhyLeftOut = 'does not build' | 'same code';

/**
 * Writes records of small bugs at every kind of place, in random order, until the folder has as
 * many as asked for that build and are other code. It goes on where it was killed.
 */
export async function mutantsSystematic(folder: string, flags: SystematicFlags): Promise<number> {
  const builder = await builderFor(flags);
  makeFolder(folder);
  const leftOut = new Set(readLeftOut(folder).map(({ id }) => id));
  const kept = new Set(readMutants(folder).map(({ id }) => id));
  const all = inRandomOrder(systematicMutants(builder.sources, flags.kernel), flags.seed);
  const signal = interruption();
  for (const mutant of all) {
    if (kept.size >= flags.count) break;
    signal.throwIfAborted();
    if (kept.has(mutant.id) || leftOut.has(mutant.id)) continue;
    const why = await whyLeftOut(builder, mutant);
    if (why !== null) {
      leftOut.add(mutant.id);
      appendFileSync(join(folder, LEFT_OUT), `${JSON.stringify({ id: mutant.id, why })}\n`);
      continue;
    }
    kept.add(mutant.id);
    writeWhole(join(folder, `${mutant.id}.json`), `${JSON.stringify(mutant, null, 1)}\n`);
    tellOnStderr(`${kept.size} of ${flags.count}: ${mutant.id}`);
  }
  const same = readLeftOut(folder).filter(({ why }) => why === 'same code').length;
  process.stdout.write(
    `${kept.size} of ${all.length} mutants in ${folder}; of those tried, ` +
      `${leftOut.size - same} do not build and ${same} are the same code\n` +
      `hunt them: npx ovlcheck mutants score --records ${folder} --kernel ${flags.kernel}\n`,
  );
  return EXIT.holds;
}

async function whyLeftOut(builder: ModuleBuilder, mutant: Mutant): Promise<WhyLeftOut | null> {
  try {
    const { path } = await builder.build(mutant);
    return (await isSameCode(path, builder.unmodified.path)) ? 'same code' : null;
  } catch (error) {
    if (error instanceof HarnessError && error.reason === 'bad-input') return 'does not build';
    throw error;
  }
}

function readLeftOut(folder: string): readonly { readonly id: string; readonly why: WhyLeftOut }[] {
  let text: string;
  try {
    text = readFileSync(join(folder, LEFT_OUT), 'utf8');
  } catch {
    return [];
  }
  // Written by ourselves, line by line; of the last one there may be but a part.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as { id: string; why: WhyLeftOut });
}

const RANDOM_MAX = 0x7fff_ffff;

/** The first ones are a fair sample of all. */
function inRandomOrder<T>(values: readonly T[], seed: number): readonly T[] {
  const random = randomAt(seed, 0);
  return values
    .map((value) => ({ value, at: random.nextInt(0, RANDOM_MAX) }))
    .sort((one, other) => one.at - other.at)
    .map(({ value }) => value);
}
