import type { Command } from 'commander';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { HarnessError } from '../errors.ts';
import { placeOf } from '../report/campaign-record.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import type { FindingRecord, RunDocument } from '../report/document.ts';
import { documentOfAll, mergeCampaigns } from '../report/merge.ts';
import { tellAnnotations } from './annotate.ts';
import type { AnnotationFlags } from './annotate.ts';
import { EXIT, REPORTS_DIR } from './context.ts';
import { exitWith } from './flags.ts';
import { CAMPAIGN_FILE, FINDING_FILES, MERGED_FILE, newName, ReportDir } from './report-dir.ts';
import { readStored } from './stored-reports.ts';

export interface MergeFlags extends AnnotationFlags {
  readonly report?: string;
}

export function addMerge(program: Command): void {
  program
    .command('merge <DIR...>')
    .description('report folders, such as those of shards, put together into one')
    .option('--report <DIR>', 'where the merged report goes')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .option('--annotations', 'lines that annotate a GitHub workflow, as is usual within one')
    .addHelpText('after', '\nExample: ovlcheck merge --report merged shard-1 shard-2 shard-3')
    .action((dirs: string[], flags: MergeFlags) => {
      exitWith(merge(dirs, flags));
    });
}

/** Puts reports together: shards of one campaign become one, others stand side by side. */
export function merge(dirs: readonly string[], flags: MergeFlags): number {
  const path = flags.report ?? join(REPORTS_DIR, newName('merged'));
  if ([CAMPAIGN_FILE, MERGED_FILE].some((name) => existsSync(join(path, name)))) {
    throw new HarnessError('bad-input', `${path} holds a report already; choose another --report`);
  }
  const merged = mergeCampaigns(dirs.flatMap(readStored), isSameScenario);
  const folder = new ReportDir(path, []);
  const campaigns = merged.map((campaign) => intoFolder(folder, campaign));
  const document = documentOfAll(campaigns);
  folder.merged(campaigns, document);
  const isJson = flags.json === true;
  process.stdout.write(
    `${isJson ? JSON.stringify(document, null, 1) : mergedText(campaigns, document, path)}\n`,
  );
  tellAnnotations(campaigns, flags);
  return exitOf(document);
}

/** Copies the files of findings, each under a name that is free. */
function intoFolder(folder: ReportDir, { record, result }: StoredCampaign): StoredCampaign {
  const findings = record.findings.map((finding) => ({ ...finding, file: copy(folder, finding) }));
  return { record: { ...record, findings }, result: { ...result, findings } };
}

function copy(folder: ReportDir, { file }: FindingRecord): string {
  const to = folder.freeName();
  for (const extension of FINDING_FILES) {
    const from = file.replace(/json$/, extension);
    if (existsSync(from)) copyFileSync(from, to.replace(/json$/, extension));
  }
  return to;
}

function isSameScenario(a: FindingRecord, b: FindingRecord): boolean {
  return scenarioIn(a) === scenarioIn(b);
}

function scenarioIn({ file }: FindingRecord): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new HarnessError('bad-input', `${file} is missing`);
  }
}

function exitOf({ verdict }: RunDocument): number {
  if (verdict === 'holds') return EXIT.holds;
  return verdict === 'inconclusive' ? EXIT.inconclusive : EXIT.differs;
}

function mergedText(
  campaigns: readonly StoredCampaign[],
  { verdict, trouble, rules }: RunDocument,
  path: string,
): string {
  const found = campaigns.flatMap(({ record }) =>
    record.findings.flatMap(({ text, file }) => [
      ...[text.trimEnd(), '', `scenario: ${file}`],
      ...[`again:    npx ovlcheck replay --kernel ${record.kernel} ${file}`, ''],
    ]),
  );
  const lines = campaigns.map((campaign) => {
    const { record, result } = campaign;
    const { scenarios, steps } = record.tally;
    const what = `${scenarios} scenarios, ${steps} steps: ${result.verdict}`;
    return `${placeOf(campaign)}, ${record.property}, seed ${record.seed}: ${what}`;
  });
  return [
    ...[...found, ...lines, `${rules.reached} of ${rules.total} rules reached`],
    `report in ${path}`,
    ...(trouble === null ? [] : [`trouble of our own: ${trouble}`]),
    `verdict: ${verdict}`,
  ].join('\n');
}
