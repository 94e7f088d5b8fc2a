import type { Command } from 'commander';
import { wholeNumber } from './context.ts';
import { exitWith } from './flags.ts';
import { MUTANT_DEFAULTS, mutantsBuild, mutantsList, mutantsRun, mutantsScore } from './mutants.ts';
import { mutantsSystematic } from './mutant-systematic.ts';
import type { SystematicFlags } from './mutant-systematic.ts';
import type { HuntFlags, MutantFlags, ScoreFlags } from './mutants.ts';

export function addMutants(program: Command): void {
  const mutants = program
    .command('mutants')
    .description('kernels with a bug put in on purpose, and which of them we find')
    .addHelpText('after', '\nExample: ovlcheck mutants run copy-up-owner');

  withRecords(mutants.command('list').description('every record'))
    .addHelpText('after', '\nExample: ovlcheck mutants list')
    .action((flags: Pick<MutantFlags, 'records'>) => {
      exitWith(mutantsList(flags));
    });
  withBuild(mutants.command('build [ID...]').description('build modules, all unless told which'))
    .addHelpText('after', '\nExample: ovlcheck mutants build --kernel 6.1 copy-up-owner')
    .action(async (ids: string[], flags: MutantFlags) => {
      exitWith(await mutantsBuild(ids, flags));
    });
  withHunt(mutants.command('run <ID...>').description('hunt mutants; `unmodified` is none'))
    .addHelpText('after', '\nStatus 1: found. Example: ovlcheck mutants run copy-up-owner')
    .action(async (ids: string[], flags: HuntFlags) => {
      exitWith(await mutantsRun(ids, flags));
    });
  withHunt(mutants.command('score [ID...]').description('hunt all, and print who was found'))
    .option('--seeds <N>', 'hunts of each', wholeNumber('--seeds', 1), MUTANT_DEFAULTS.seeds)
    .option('--jobs <N>', 'hunts at a time', wholeNumber('--jobs', 1), MUTANT_DEFAULTS.jobs)
    .option('--report <DIR>', 'where results go, and what is there is not done again')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .addHelpText('after', '\nExample: ovlcheck mutants score --seeds 1 --records DIR')
    .action(async (ids: string[], flags: ScoreFlags) => {
      exitWith(await mutantsScore(ids, flags));
    });
  const { seed } = MUTANT_DEFAULTS;
  ofKernel(mutants.command('systematic <DIR>').description('write records of small bugs anywhere'))
    .option('--count <N>', 'how many', wholeNumber('--count', 1), 60)
    .option('--seed <S>', 'which', wholeNumber('--seed'), seed)
    .addHelpText('after', '\nExample: ovlcheck mutants systematic DIR && ' + SCORE_THEM)
    .action(async (folder: string, flags: SystematicFlags) => {
      exitWith(await mutantsSystematic(folder, flags));
    });
}

const SCORE_THEM = 'ovlcheck mutants score --records DIR --steps 3000 --seeds 1';

/** What each of its commands is told. */
function withRecords(command: Command): Command {
  return command.option('--records <DIR>', 'a folder of records', MUTANT_DEFAULTS.records);
}

function withBuild(command: Command): Command {
  return ofKernel(withRecords(command));
}

function ofKernel(command: Command): Command {
  return command
    .option('--kernel <VERSION>', "which kernel of Debian's", MUTANT_DEFAULTS.kernel)
    .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own");
}

function withHunt(command: Command): Command {
  const { seed, steps, shrink } = MUTANT_DEFAULTS;
  return withBuild(command)
    .option('--seed <S>', 'the (first) seed', wholeNumber('--seed'), seed)
    .option('--steps <N>', 'gives up after so many', wholeNumber('--steps', 1), steps)
    .option('--shrink <N>', 'tries to make a finding smaller', wholeNumber('--shrink'), shrink);
}
