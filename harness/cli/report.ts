import type { Command } from 'commander';
import { join } from 'node:path';
import { reportFiles } from '../report/files.ts';
import { EXIT } from './context.ts';
import { exitWith } from './flags.ts';
import { readTrace, writeWhole } from './report-dir.ts';
import { readStored } from './stored-reports.ts';

export function addReport(program: Command): void {
  program
    .command('report <DIR>')
    .description('report.html and junit.xml of a report folder, written again')
    .addHelpText('after', '\nExample: ovlcheck report ci/reports/nightly')
    .action((dir: string) => {
      exitWith(report(dir));
    });
}

/** Writes what is made of the JSON in a folder, or of that in the folders in it. */
export function report(dir: string): number {
  const files = reportFiles(readStored(dir), readTrace);
  for (const [name, text] of Object.entries(files)) {
    writeWhole(join(dir, name), text);
    process.stdout.write(`${join(dir, name)}\n`);
  }
  return EXIT.holds;
}
