import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { Option } from 'commander';
import type { Command } from 'commander';
import { HarnessError } from '../errors.ts';
import { FORMATS } from '../export/index.ts';
import type { Format, FormatName } from '../export/index.ts';
import { reproducerOf } from '../export/reproducer.ts';
import { EXIT } from './context.ts';
import { exitWith } from './flags.ts';
import { readScenario } from './replay.ts';

/** The newest kernel that there is a model of. */
const NEWEST = '7.3';

interface ExportFlags {
  readonly format: FormatName;
  readonly as: string;
  readonly output?: string;
}

export function addExport(program: Command): void {
  program
    .command('export <FILE>')
    .description('a reproducer that needs none of our code')
    .addOption(
      new Option('--format <NAME>', 'what it is')
        .choices(Object.keys(FORMATS))
        .makeOptionMandatory(),
    )
    .option('--as <VERSION>', 'whose semantics it expects', NEWEST)
    .option('-o, --output <OUT>', 'where it is written; else to stdout')
    .addHelpText(
      'after',
      `
Example: ovlcheck export --format c -o repro.c finding-1.json
         ovlcheck export --format fstests -o ~/xfstests/tests/overlay/900 finding-1.json`,
    )
    .action((file: string, flags: ExportFlags) => {
      exitWith(exportFile(file, flags));
    });
}

function exportFile(file: string, { format, as, output }: ExportFlags): number {
  if (!/^\d+\.\d+/.test(as)) {
    throw new HarnessError('bad-input', `${as} is no kernel version such as 6.12`);
  }
  const { write, golden }: Format = FORMATS[format];
  if (output === undefined && golden !== undefined) {
    throw new HarnessError('bad-input', `${format} is two files: say where, with -o DIR/900`);
  }
  const reproducer = reproducerOf(readScenario(file), as);
  const name = basename(output ?? '');
  const text = write(reproducer, name);
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text, { mode: format === 'c' ? 0o644 : 0o755 });
  if (golden !== undefined) writeFileSync(`${output ?? ''}.out`, golden(reproducer, name));
  return EXIT.holds;
}
