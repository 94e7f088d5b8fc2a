import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { HarnessError } from '../errors.ts';
import { readSuite } from '../suite.ts';
import { FIXTURES_DIR, REPORTS_DIR } from './context.ts';
import type { KernelFlags } from './context.ts';
import { exitWith, withMachine } from './flags.ts';
import { kernelList } from './on-kernels.ts';
import { askQuestions } from './questions.ts';

interface MatrixFlags extends Omit<KernelFlags, 'kernel'> {
  readonly kernels: readonly string[];
  readonly suite: string;
  readonly report?: string;
  readonly json?: boolean;
}

const SUITES_DIR = join(FIXTURES_DIR, 'suites');

export function addMatrix(program: Command): void {
  withMachine(program.command('matrix'))
    .description('kernels side by side')
    .option('--kernels <LIST>', 'such as 5.10,6.1,host, or all', kernelList, kernelList('all'))
    .requiredOption('--suite <NAME>', `questions: ${suiteNames().join(', ')}, or a folder`)
    .option('--report <DIR>', 'where the table goes')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .addHelpText('after', '\nExample: ovlcheck matrix --suite metacopy --kernels 5.10,6.1,7.3')
    .action(async (flags: MatrixFlags) => {
      exitWith(await matrix(flags));
    });
}

function matrix(flags: MatrixFlags): Promise<number> {
  const folder = [join(SUITES_DIR, flags.suite), flags.suite].find((path) =>
    existsSync(join(path, 'suite.json')),
  );
  if (folder === undefined) {
    throw new HarnessError(
      'bad-input',
      `no suite ${flags.suite}; there are ${suiteNames().join(', ')}`,
    );
  }
  const report = flags.report ?? join(REPORTS_DIR, `matrix-${flags.suite.replaceAll('/', '-')}`);
  return askQuestions(readSuite(folder), report, flags);
}

function suiteNames(): readonly string[] {
  try {
    return readdirSync(SUITES_DIR);
  } catch {
    return [];
  }
}
