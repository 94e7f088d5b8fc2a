import { Command, CommanderError, Option } from 'commander';
import { HarnessError } from '../errors.ts';
import { USUAL_KERNELS } from '../start-guest.ts';
import { EXIT, exitOfError, wholeNumber } from './context.ts';
import type { KernelFlags } from './context.ts';
import { bench } from './bench.ts';
import { addBisect } from './bisect.ts';
import { certificateDiff } from './certificate-diff.ts';
import { addDiffProfiles } from './diff-profiles.ts';
import { doctor, kernelsFetch, kernelsList } from './doctor.ts';
import { addExport } from './export.ts';
import { exitWith, shard, span, withKernel, withSemantics } from './flags.ts';
import { replayForGit } from './git-bisect.ts';
import { kernelList } from './on-kernels.ts';
import { parameters } from './parameters.ts';
import { addKnown } from './known.ts';
import { addMatrix } from './matrix.ts';
import { addMerge } from './merge.ts';
import { addMutants } from './mutant-commands.ts';
import { predict, rules } from './predict.ts';
import { replay, shrinkFile } from './replay.ts';
import type { ReplayFlags, ReplayManyFlags } from './replay.ts';
import { addReport } from './report.ts';
import { run, RUN_DEFAULTS } from './run.ts';
import type { RunFlags } from './run.ts';

const program = new Command('ovlcheck')
  .description('Property-based model checker for Linux overlayfs')
  .exitOverride()
  .addHelpText('after', '\nExample: ovlcheck run --kernel 6.1 --time 5m')
  .showHelpAfterError('(--help tells more)');

withSemantics(withKernel(program.command('run')))
  .description('random scenarios on a kernel, next to the model')
  .option('--property <NAME>', 'what is checked', RUN_DEFAULTS.property)
  .option('--options <STRING>', 'mount options, or any', RUN_DEFAULTS.options)
  .option('--base <LIST>', 'file systems of the layers, upper first, or any', RUN_DEFAULTS.base)
  .option('--parameters <LIST>', 'of the overlay module, such as index=on; in a VM', parameters)
  .option('--userns', 'root of a user namespace mounts the layers, not of the machine')
  .option(
    '--scenarios <N>',
    'end after so many, all shards together',
    wholeNumber('--scenarios', 1),
  )
  .option('--time <SPAN>', 'end after so long, such as 60s or 10m', span)
  .option('--steps <N>', 'steps of each scenario', wholeNumber('--steps', 1), RUN_DEFAULTS.steps)
  .option(
    '--findings <N>',
    'end after so many',
    wholeNumber('--findings', 1),
    RUN_DEFAULTS.findings,
  )
  .option('--seed <S>', 'the same seed makes the same scenarios', wholeNumber('--seed'))
  .option('--jobs <N>', 'machines at a time', wholeNumber('--jobs', 1), RUN_DEFAULTS.jobs)
  .addOption(
    new Option('--shard <I/N>', 'one of N shares, counted from 1')
      .argParser(shard)
      .default({ index: 0, of: 1 }, '1/1'),
  )
  .option('--report <DIR>', 'where findings go')
  .option('--resume <DIR>', 'go on with the campaign of a report folder')
  .option('--no-explain', 'leave out what about a finding does not matter')
  .option('--trace-functions', 'which functions of overlayfs run; in a VM')
  .option('--json', 'one JSON document on stdout, and nothing else')
  .option('--annotations', 'lines that annotate a GitHub workflow, as is usual within one')
  .option('--watch', 'then replay the last finding whenever the kernel or --module is built anew')
  .addHelpText('after', '\nExample: ovlcheck run --kernel 6.1 --time 5m --seed 7')
  .action(async (flags: RunFlags) => {
    exitWith(await run(flags));
  });

withSemantics(withKernel(program.command('replay <FILE...>')))
  .description('stored scenarios on a kernel')
  .option('--property <NAME>', 'what is checked', RUN_DEFAULTS.property)
  .option('--kernels <LIST>', 'on several kernels, side by side: 5.10,6.1,host, or all', kernelList)
  .option('--git-bisect', 'exit 0, 1, or 125 where the kernel cannot be asked')
  .option('--watch', 'again whenever --module, or the --kernel of a path, is built anew')
  .addHelpText(
    'after',
    `
Example: ovlcheck replay --kernel 7.3 finding-1.json
         ovlcheck replay --kernels 5.10,6.1,6.12 finding-1.json
         ovlcheck replay --watch --kernel ~/linux finding-1.json
         git bisect run sh -c 'make -j8 || exit 125;
           ovlcheck replay --git-bisect --kernel . --semantics 6.12 finding-1.json'`,
  )
  .action(async (files: string[], { gitBisect = false, ...flags }: ReplayManyFlags) => {
    exitWith(gitBisect ? await replayForGit(files, flags) : await replay(files, flags));
  });

program
  .command('predict <FILE>')
  .description("the model's trace alone: no kernel, no root")
  .option('--as <NAME>', 'whose semantics: a version, or a proposal', USUAL_KERNELS.qemu)
  .addHelpText('after', '\nExample: ovlcheck predict --as 6.1 finding-1.json')
  .action((file: string, { as }: { readonly as: string }) => {
    exitWith(predict(file, as));
  });

withSemantics(withKernel(program.command('shrink <FILE>')))
  .description('make a scenario that differs minimal')
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
  .addHelpText('after', '\nExample: ovlcheck rules | grep whiteout/')
  .action(() => {
    exitWith(rules());
  });

program
  .command('doctor')
  .description('what this machine can do, what is missing, what killed runs left behind')
  .addHelpText('after', '\nExample: ovlcheck doctor')
  .action(async () => {
    exitWith(await doctor());
  });

const kernels = program
  .command('kernels')
  .description('kernels of the Debian archive')
  .addHelpText('after', '\nExample: ovlcheck kernels fetch 6.12');
kernels
  .command('list')
  .description('what can be had, and what is in the cache')
  .addHelpText('after', '\nExample: ovlcheck kernels list')
  .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
  .action(async ({ mirror }: { readonly mirror?: string }) => {
    exitWith(await kernelsList(mirror));
  });
kernels
  .command('fetch <VERSION>')
  .description('get the newest kernel of a version into the cache')
  .addHelpText('after', '\nExample: ovlcheck kernels fetch 6.12 --backend uml')
  .addOption(new Option('--backend <NAME>', 'what it is to run on').choices(['qemu', 'uml']))
  .option('--mirror <ADDRESS>', "Debian mirror instead of this machine's own")
  .action(async (version: string, flags: Pick<KernelFlags, 'backend' | 'mirror'>) => {
    exitWith(await kernelsFetch(version, flags));
  });

addExport(program);
addBisect(program);
addDiffProfiles(program);
addKnown(program);
addMatrix(program);
addMerge(program);
addReport(program);
addMutants(program);

withKernel(program.command('bench').description('how fast the checker is beside the bare kernel'))
  .option('--rounds <N>', 'rounds of each kind', wholeNumber('--rounds', 1), 3)
  .addHelpText('after', '\nExample: ovlcheck bench --backend namespace --json')
  .option('--json', 'one JSON document on stdout, and nothing else')
  .action(async (flags: KernelFlags & { readonly rounds: number; readonly json?: boolean }) => {
    exitWith(await bench(flags));
  });

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
