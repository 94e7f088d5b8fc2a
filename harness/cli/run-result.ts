import { DEFAULT_PROPERTY } from '../../properties/index.ts';
import { rulesOfRelease } from '../../model/rules-of.ts';
import type { Setting } from '../../model/rules-of.ts';
import type { CampaignEnd, Verdict } from '../campaign.ts';
import type { CampaignPlan } from '../campaign-plan.ts';
import type { Tally } from '../campaign-tally.ts';
import type { FindingRecord, RunDocument } from '../report/document.ts';
import type { ReportDir } from './report-dir.ts';
import { functionText } from './function-text.ts';
import { functionCoverage } from '../report/function-coverage.ts';
import type { FunctionCoverage } from '../report/function-coverage.ts';
import { objectCoverage } from '../object-tally.ts';
import { objectText } from './object-text.ts';
import type { RunFlags } from './run.ts';
import { reproducerBeside } from '../export/beside-finding.ts';

/** How many of the rules that a kernel can reach in a campaign of this kind were reached. */
export function coverageOf(
  release: string | null,
  setting: Setting,
  tally: Tally,
): { readonly total: number; readonly reached: number } {
  const rules = rulesOfRelease(release, setting);
  return { total: rules.length, reached: rules.filter((id) => tally.rules.has(id)).length };
}

/** Null where functions were not traced. */
function functionsOf({ functions }: Tally): FunctionCoverage | null {
  const record = functions.record();
  return record.offered.length === 0 ? null : functionCoverage(record);
}

/** The verdict on all of a campaign: findings of before it was resumed count as well. */
export function verdictOf(end: CampaignEnd, findings: readonly FindingRecord[]): Verdict {
  const certain = findings.filter(({ reproduced }) => reproduced.times > 0);
  if (certain.some(({ kind }) => kind === 'difference' || kind === 'flaky')) return 'differs';
  if (certain.length > 0) return 'kernel-finding';
  return findings.length > 0 ? 'inconclusive' : end.verdict;
}

/** The document of `--json`; its field names are a promise to scripts. */
export function documentOf(
  end: CampaignEnd,
  tally: Tally,
  plan: CampaignPlan,
  findings: readonly FindingRecord[],
): RunDocument {
  const seconds = tally.seconds();
  const seen = [...tally.causes.values()].reduce((sum, count) => sum + count, 0);
  const kernel = {
    release: end.release,
    backend: end.backend,
    property: plan.property,
    options: plan.options,
    base: plan.base,
    scenarios: tally.scenarios,
    steps: tally.steps,
    differences: seen,
    known: tally.known,
    seconds,
    stepsPerSecond: seconds === 0 ? 0 : tally.steps / seconds,
  };
  return {
    verdict: end.verdict,
    isInterrupted: end.isInterrupted,
    trouble: end.trouble?.message ?? null,
    kernels: [kernel],
    seed: plan.seed,
    rules: coverageOf(end.release, plan, tally),
    functions: functionsOf(tally),
    objects: objectCoverage(tally.objects.record()),
    boot: end.boot,
    firstCheckedStepMs: end.firstCheckedStepMs,
    findings: [...findings],
  };
}

/** What a person reads last: the findings, how to see each again, and the verdict. */
export function summaryText(
  end: CampaignEnd,
  tally: Tally,
  plan: CampaignPlan,
  report: ReportDir,
  flags: ReplayFlags,
): string {
  const lines: string[] = [];
  for (const { text, file } of report.findings) {
    lines.push(
      '',
      text.trimEnd(),
      '',
      `scenario: ${file}`,
      `again:    ${replayCommand(file, flags)}`,
    );
    const reproducer = reproducerBeside(file);
    if (reproducer !== null) lines.push(`alone:    ${reproducer}`);
  }
  lines.push(...countsText(tally, report.findings));
  const { total, reached } = coverageOf(end.release, plan, tally);
  const rate = Math.round(tally.steps / Math.max(tally.seconds(), 0.001));
  const scenarioRate = Math.round(tally.scenarios / Math.max(tally.seconds(), 0.001));
  const known = tally.known > 0 ? `, ${tally.known} known disagreements` : '';
  lines.push(
    '',
    plan.listed === null
      ? `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} steps/s, ` +
          `${reached} of ${total} rules reached${known}`
      : `${tally.scenarios} of ${plan.listed} scenarios, ${scenarioRate} scenarios/s${known}`,
    `seed ${plan.seed}; report in ${report.path}`,
  );
  // What a list meets is no chance.
  if (plan.listed === null) lines.push(...objectText(objectCoverage(tally.objects.record())));
  const functions = functionsOf(tally);
  if (functions !== null) lines.push(...functionText(functions));
  if (report.certified !== null) lines.push(`certificate: ${report.certified}`);
  if (end.trouble !== null) lines.push(`trouble of our own: ${end.trouble.message}`);
  if (end.isInterrupted) {
    // The folder does not know how far it was to go.
    const goal =
      plan.scenariosMax === null ? '' : ` --scenarios ${plan.scenariosMax * plan.shard.of}`;
    lines.push(`interrupted; go on with: npx ovlcheck run --resume ${report.path}${goal}`);
  }
  lines.push(`verdict: ${end.verdict}`);
  return lines.join('\n');
}

/** How often each cause was met, the most frequent first, and each known disagreement. */
export function countsText(
  { causes, knownBy }: Pick<Tally, 'causes' | 'knownBy'>,
  findings: readonly FindingRecord[],
): readonly string[] {
  const inOrder = (counts: ReadonlyMap<string, number>): (readonly [string, number])[] =>
    [...counts].sort(([, one], [, other]) => other - one);
  const met = inOrder(causes).map(([cause, count]) => {
    const files = findings.flatMap((finding) => (finding.cause === cause ? [finding.file] : []));
    return [`${timesText(count)}  ${cause}`, ...files].join(': ');
  });
  const known = inOrder(knownBy).map(([entry, count]) => `${timesText(count)}  known: ${entry}`);
  return met.length + known.length === 0 ? [] : ['', ...met, ...known];
}

function timesText(count: number): string {
  return `${count} x`.padStart(7);
}

/** What a finding is seen again with. */
type ReplayFlags = Pick<RunFlags, 'backend' | 'modules' | 'module' | 'property' | 'semantics'> & {
  readonly kernel: string;
};

function replayCommand(
  file: string,
  { kernel, backend, modules, module, property, semantics }: ReplayFlags,
): string {
  const where = backend === undefined ? '' : ` --backend ${backend}`;
  const from = modules === undefined ? '' : ` --modules ${modules}`;
  const own = module === undefined ? '' : ` --module ${module}`;
  const law = property === DEFAULT_PROPERTY ? '' : ` --property ${property}`;
  const as = semantics === undefined ? '' : ` --semantics ${semantics}`;
  return `npx ovlcheck replay --kernel ${kernel}${where}${from}${own}${law}${as} ${file}`;
}
