import { DEFAULT_PROPERTY } from '../../properties/index.ts';
import { RULES } from '../../model/rules.ts';
import type { CampaignEnd, Verdict } from '../campaign.ts';
import type { CampaignPlan } from '../campaign-plan.ts';
import type { Tally } from '../campaign-tally.ts';
import type { FindingRecord, ReportDir } from './report-dir.ts';
import type { RunFlags } from './run.ts';

const RULES_TOTAL = Object.keys(RULES).length;

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
  seed: number,
  findings: readonly FindingRecord[],
): unknown {
  const seconds = tally.seconds();
  const seen = [...tally.causes.values()].reduce((sum, count) => sum + count, 0);
  const kernel = {
    release: end.release,
    backend: end.backend,
    scenarios: tally.scenarios,
    steps: tally.steps,
    differences: seen - tally.known,
    known: tally.known,
    seconds,
    stepsPerSecond: seconds === 0 ? 0 : tally.steps / seconds,
  };
  return {
    verdict: end.verdict,
    isInterrupted: end.isInterrupted,
    trouble: end.trouble?.message ?? null,
    kernels: [kernel],
    seed,
    rules: { total: RULES_TOTAL, reached: tally.rules.size },
    boot: end.boot,
    firstCheckedStepMs: end.firstCheckedStepMs,
    findings,
  };
}

/** What a person reads last: the findings, how to see each again, and the verdict. */
export function summaryText(
  end: CampaignEnd,
  tally: Tally,
  plan: CampaignPlan,
  report: ReportDir,
  flags: RunFlags & { readonly kernel: string },
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
  }
  const rate = Math.round(tally.steps / Math.max(tally.seconds(), 0.001));
  const scenarioRate = Math.round(tally.scenarios / Math.max(tally.seconds(), 0.001));
  const known = tally.known > 0 ? `, ${tally.known} known disagreements` : '';
  lines.push(
    '',
    plan.listed === null
      ? `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} steps/s, ` +
          `${tally.rules.size} of ${RULES_TOTAL} rules reached${known}`
      : `${tally.scenarios} of ${plan.listed} scenarios, ${scenarioRate} scenarios/s${known}`,
    `seed ${plan.seed}; report in ${report.path}`,
  );
  if (end.trouble !== null) lines.push(`trouble of our own: ${end.trouble.message}`);
  if (end.isInterrupted)
    lines.push(`interrupted; go on with: npx ovlcheck run --resume ${report.path}`);
  lines.push(`verdict: ${end.verdict}`);
  return lines.join('\n');
}

function replayCommand(
  file: string,
  { kernel, backend, modules, property }: RunFlags & { readonly kernel: string },
): string {
  const where = backend === undefined ? '' : ` --backend ${backend}`;
  const from = modules === undefined ? '' : ` --modules ${modules}`;
  const law = property === DEFAULT_PROPERTY ? '' : ` --property ${property}`;
  return `npx ovlcheck replay --kernel ${kernel}${where}${from}${law} ${file}`;
}
