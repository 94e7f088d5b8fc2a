import { Command, CommanderError, Option } from 'commander';
import { HarnessError } from '../errors.ts';
import { USUAL_KERNELS } from '../start-guest.ts';
import { EXIT, exitOfError, wholeNumber } from './context.ts';
import type { KernelFlags } from './context.ts';
import { bench } from './bench.ts';
import { certificateDiff } from './certificate-diff.ts';
import { doctor, kernelsFetch, kernelsList } from './doctor.ts';
import { parameters } from './parameters.ts';
import { MUTANT_DEFAULTS, mutantsBuild, mutantsList, mutantsRun, mutantsScore } from './mutants.ts';
import type { HuntFlags, MutantFlags, ScoreFlags } from './mutants.ts';
import { predict, rules } from './predict.ts';
import { replay, shrinkFile } from './replay.ts';
import type { ReplayFlags } from './replay.ts';
import { run, RUN_DEFAULTS } from './run.ts';
import type { RunFlags } from './run.ts';

const program = new Command('ovlcheck')
  .description('Property-based model checker for Linux overlayfs')
  .exitOverride()
  .showHelpAfterError('(--help tells more)');

/** Sets the exit status of a command. A handle that somebody forgot must not keep us alive. */
function exitWith(status: number): void {
  process.exitCode = status;
}

const USUAL = `else ${USUAL_KERNELS.qemu}, or what the backend runs here`;

function withKernel(command: Command): Command {
  return command
    .option('--kernel <SPEC>', `version prefix, host, image or build tree (${USUAL})`)
    .addOption(
      new Option('--backend <NAME>', 'where it runs').choices(['qemu', 'uml', 'namespace']),
    )
    .option('--modules <DIR>', 'modules of a kernel image')
    .option('--module <FILE>', "an overlay.ko in the place of the kernel's own")
    .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
    .option('--cold-boot', 'boot even where a saved machine could be restored');
}

withKernel(program.command('run').description('random scenarios on a kernel, next to the model'))
  .option('--property <NAME>', 'what is checked', RUN_DEFAULTS.property)
  .option('--options <STRING>', 'mount options, or any', RUN_DEFAULTS.options)
  .option('--base <LIST>', 'file systems of the layers, upper first, or any', RUN_DEFAULTS.base)
  .option('--parameters <LIST>', 'of the overlay module, such as index=on; in a VM', parameters)
  .option('--scenarios <N>', 'end after so many', wholeNumber('--scenarios', 1))
  .option('--time <SPAN>', 'end after so long, such as 60s or 10m', span)
  .option('--steps <N>', 'steps of each scenario', wholeNumber('--steps', 1), RUN_DEFAULTS.steps)
  .option('--seed <S>', 'the same seed makes the same scenarios', wholeNumber('--seed'))
  .option('--jobs <N>', 'machines at a time', wholeNumber('--jobs', 1), RUN_DEFAULTS.jobs)
  .addOption(
    new Option('--shard <I/N>', 'one of N shares, counted from 1')
      .argParser(shard)
      .default({ index: 0, of: 1 }, '1/1'),
  )
  .option('--report <DIR>', 'where findings go')
  .option('--resume <DIR>', 'go on with the campaign of a report folder')
  .option('--json', 'one JSON document on stdout, and nothing else')
  .addHelpText('after', '\nExample: ovlcheck run --kernel 6.1 --time 5m --seed 7')
  .action(async (flags: RunFlags) => {
    exitWith(await run(flags));
  });

withKernel(program.command('replay <FILE...>').description('stored scenarios on a kernel'))
  .option('--property <NAME>', 'what is checked', RUN_DEFAULTS.property)
  .addHelpText('after', '\nExample: ovlcheck replay --kernel 7.3 finding-1.json')
  .action(async (files: string[], flags: ReplayFlags) => {
    exitWith(await replay(files, flags));
  });

program
  .command('predict <FILE>')
  .description("the model's trace alone: no kernel, no root")
  .option('--as <VERSION>', 'whose semantics', USUAL_KERNELS.qemu)
  .addHelpText('after', '\nExample: ovlcheck predict --as 6.1 finding-1.json')
  .action((file: string, { as }: { readonly as: string }) => {
    exitWith(predict(file, as));
  });

withKernel(program.command('shrink <FILE>').description('make a scenario that differs minimal'))
  .option('--property <NAME>', 'what is checked', RUN_DEFAULTS.property)
  .addHelpText('after', '\nExample: ovlcheck shrink --kernel 6.12 long.json > short.json')
  .action(async (file: string, flags: ReplayFlags) => {
    exitWith(await shrinkFile(file, flags));
  });

program
  .command('certificate-diff <FROM> <TO>')
  .description('what two kernels make of the same mount options: observed, or by the model')
  .addHelpText(
    'after',
    '\nExample: ovlcheck certificate-diff 6.12 ci/reports/host/certificate.json',
  )
  .action((from: string, to: string) => {
    exitWith(certificateDiff(from, to));
  });

program
  .command('rules')
  .description('every rule, its source, and how often the last campaign used it')
  .action(() => {
    exitWith(rules());
  });

program
  .command('doctor')
  .description('what this machine can do, what is missing, what killed runs left behind')
  .action(async () => {
    exitWith(await doctor());
  });

const kernels = program.command('kernels').description('kernels of the Debian archive');
kernels
  .command('list')
  .description('what can be had, and what is in the cache')
  .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
  .action(async ({ mirror }: { readonly mirror?: string }) => {
    exitWith(await kernelsList(mirror));
  });
kernels
  .command('fetch <VERSION>')
  .description('get the newest kernel of a version into the cache')
  .addOption(new Option('--backend <NAME>', 'what it is to run on').choices(['qemu', 'uml']))
  .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
  .action(async (version: string, flags: Pick<KernelFlags, 'backend' | 'mirror'>) => {
    exitWith(await kernelsFetch(version, flags));
  });

const mutants = program
  .command('mutants')
  .description('kernels with a bug put in on purpose, and which of them we find')
  .addHelpText('after', '\nExample: ovlcheck mutants run copy-up-owner');

/** What each of its commands is told. */
function withRecords(command: Command): Command {
  return command.option('--records <DIR>', 'a folder of records', MUTANT_DEFAULTS.records);
}

function withBuild(command: Command): Command {
  return withRecords(command)
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

withRecords(mutants.command('list').description('every record')).action(
  (flags: Pick<MutantFlags, 'records'>) => {
    exitWith(mutantsList(flags));
  },
);
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

withKernel(program.command('bench').description('how fast the checker is beside the bare kernel'))
  .option('--rounds <N>', 'rounds of each kind', wholeNumber('--rounds', 1), 3)
  .option('--json', 'one JSON document on stdout, and nothing else')
  .action(async (flags: KernelFlags & { readonly rounds: number; readonly json?: boolean }) => {
    exitWith(await bench(flags));
  });

/** A span of time in milliseconds. */
function span(text: string): number {
  const match = /^(\d+)(s|m|h)$/.exec(text);
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000 }[match?.[2] ?? ''];
  if (match === null || unitMs === undefined) {
    throw new HarnessError('bad-input', '--time takes a span such as 60s, 10m or 2h');
  }
  return Number(match[1]) * unitMs;
}

function shard(text: string): { readonly index: number; readonly of: number } {
  const [, index, of] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  const share = { index: Number(index) - 1, of: Number(of) };
  if (share.index >= 0 && share.index < share.of) return share;
  throw new HarnessError('bad-input', '--shard takes I/N with I from 1 to N');
}

// Whoever reads us may have read enough, as `head` does: that ends us as an interruption would.
let isReaderGone = false;
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (isReaderGone) return;
  isReaderGone = true;
  if (process.listenerCount('SIGTERM') === 0) process.exit();
  process.kill(process.pid, 'SIGTERM');
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    exitWith(error.exitCode === 0 ? EXIT.holds : EXIT.usage);
  } else if (error instanceof HarnessError) {
    process.stderr.write(`ovlcheck: ${error.message}\n`);
    exitWith(exitOfError(error));
  } else {
    throw error;
  }
}
