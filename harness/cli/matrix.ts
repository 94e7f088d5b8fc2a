import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_BASE } from '../../properties/bases.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { HarnessError } from '../errors.ts';
import { checkOptions } from '../scenario-file.ts';
import { readSuite } from '../suite.ts';
import { FIXTURES_DIR, REPORTS_DIR, wholeNumber } from './context.ts';
import type { KernelFlags } from './context.ts';
import { checkBase, exitWith, span, withMachine } from './flags.ts';
import { readPlan, releasesOf, runMatrix } from './matrix-campaigns.ts';
import type { MatrixPlan } from './matrix-campaigns.ts';
import { CAMPAIGN_SUITES, product } from './matrix-suites.ts';
import type { MountKind } from './matrix-suites.ts';
import { kernelList } from './on-kernels.ts';
import { askQuestions } from './questions.ts';

interface MatrixFlags extends Omit<KernelFlags, 'kernel'> {
  readonly kernels?: readonly string[];
  readonly suite: string;
  readonly options?: readonly string[];
  readonly base?: readonly string[];
  readonly scenarios?: number;
  readonly time?: number;
  readonly steps: number;
  readonly seed: number;
  readonly jobs: number;
  readonly report?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

const SUITES_DIR = join(FIXTURES_DIR, 'suites');
const DEFAULTS = { suite: 'default', scenarios: 50, steps: 30, seed: 1 } as const;

export function addMatrix(program: Command): void {
  const suites = Object.keys(CAMPAIGN_SUITES).join(', ');
  withMachine(program.command('matrix'))
    .description('kernels side by side: campaigns with many mounts, or answers to questions')
    .option('--kernels <LIST>', 'such as 5.10,6.1,host, or all (else all)', kernelList)
    .option(
      '--suite <NAME>',
      `campaigns: ${suites}; questions: ${suiteNames().join(', ')}, or a folder`,
      DEFAULTS.suite,
    )
    .option('--options <STRING>', 'rows of your own: mount options; may be repeated', another)
    .option('--base <LIST>', 'and file systems of the layers; may be repeated', another)
    .option('--scenarios <N>', 'of each cell (else 50, or as --time says)', wholeNumber('N', 1))
    .option('--time <SPAN>', 'of each cell, such as 60s', span)
    .option('--steps <N>', 'steps of each scenario', wholeNumber('--steps', 1), DEFAULTS.steps)
    .option('--seed <S>', 'of each cell', wholeNumber('--seed'), DEFAULTS.seed)
    .option(
      '--jobs <N>',
      'cells at a time',
      wholeNumber('--jobs', 1),
      Math.max(1, availableParallelism()),
    )
    .option('--report <DIR>', 'where the table goes')
    .option('--resume <DIR>', 'go on with the matrix of a report folder')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .addHelpText(
      'after',
      `
Example: ovlcheck matrix --suite pairs --kernels 6.1,6.12 --scenarios 20
         ovlcheck matrix --suite metacopy --kernels 5.10,6.1,7.3`,
    )
    .action(async (flags: MatrixFlags) => {
      exitWith(await matrix(flags));
    });
}

function another(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

async function matrix(flags: MatrixFlags): Promise<number> {
  const { suite, resume, jobs } = flags;
  const isJson = flags.json === true;
  if (resume !== undefined) {
    return runMatrix({ plan: readPlan(resume), folder: resume, jobs, isJson, flags });
  }
  const folder = [join(SUITES_DIR, suite), suite].find((path) =>
    existsSync(join(path, 'suite.json')),
  );
  if (folder !== undefined) {
    const suite = readSuite(folder);
    const kernels = flags.kernels ?? [...kernelList('all'), ...suite.beside];
    return askQuestions(suite, reportOf(flags), { ...flags, kernels });
  }
  const plan = await planOf(flags);
  return runMatrix({ plan, folder: reportOf(flags), jobs, isJson, flags });
}

async function planOf(flags: MatrixFlags): Promise<MatrixPlan> {
  const { suite, kernels = kernelList('all'), seed, steps, scenarios, time } = flags;
  const timeMs = time ?? null;
  const usual = timeMs === null ? DEFAULTS.scenarios : null;
  const size = { seed, steps, scenarios: scenarios ?? usual, timeMs };
  return { suite, kernels, kinds: await kindsOf(flags), size };
}

/** The rows that were asked for one by one, or those of a suite. */
async function kindsOf(flags: MatrixFlags): Promise<readonly MountKind[]> {
  const { suite, options, base, kernels = kernelList('all') } = flags;
  if (options !== undefined || base !== undefined) {
    options?.forEach(checkOptions);
    base?.forEach(checkBase);
    return product(base ?? [DEFAULT_BASE], options ?? [DEFAULT_OPTIONS]);
  }
  const rows = CAMPAIGN_SUITES[suite];
  if (rows !== undefined) return rows(await releasesOf(kernels, flags));
  const names = [...Object.keys(CAMPAIGN_SUITES), ...suiteNames()].join(', ');
  throw new HarnessError('bad-input', `no suite ${suite}; there are ${names}`);
}

function reportOf({ report, suite }: MatrixFlags): string {
  if (report !== undefined) return report;
  const when =
    suite in CAMPAIGN_SUITES ? `-${new Date().toISOString().replaceAll(/[:.]/g, '-')}` : '';
  return join(REPORTS_DIR, `matrix-${suite.replaceAll('/', '-')}${when}`);
}

function suiteNames(): readonly string[] {
  try {
    return readdirSync(SUITES_DIR);
  } catch {
    return [];
  }
}
