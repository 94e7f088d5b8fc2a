import { writeFileSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { HarnessError } from '../errors.ts';
import { FORMATS } from '../export/index.ts';
import type { FormatName } from '../export/index.ts';
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
    .addHelpText('after', '\nExample: ovlcheck export --format c -o repro.c finding-1.json')
    .action((file: string, flags: ExportFlags) => {
      exitWith(exportFile(file, flags));
    });
}

function exportFile(file: string, { format, as, output }: ExportFlags): number {
  if (!/^\d+\.\d+/.test(as)) {
    throw new HarnessError('bad-input', `${as} is no kernel version such as 6.12`);
  }
  const scenario = readScenario(file);
  const text = FORMATS[format].write(reproducerOf(scenario, as));
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
  return EXIT.holds;
}
