import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { RULES } from '../../model/rules.ts';
import { lockstep } from '../../properties/lockstep.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { signatureOf } from '../../properties/property.ts';
import type { Property } from '../../properties/property.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { shrink } from '../../properties/shrink.ts';
import { runCampaign } from '../campaign.ts';
import type { CampaignEnd } from '../campaign.ts';
import type { CampaignPlan, Finding, Subject } from '../campaign-plan.ts';
import { Tally } from '../campaign-tally.ts';
import { HarnessError } from '../errors.ts';
import { prepareGuests } from '../start-guest.ts';
import { findingText } from '../report/text.ts';
import { CACHE_DIR, exitOfEnd, FIXTURES_DIR, interruption, REPORTS_DIR } from './context.ts';
import type { KernelFlags } from './context.ts';
import { Progress } from './progress.ts';
import { readDisagreements, readRecord, ReportDir } from './report-dir.ts';

export interface RunFlags extends KernelFlags {
  readonly property: string;
  readonly options: string;
  readonly scenarios?: number;
  readonly time?: number;
  readonly steps: number;
  readonly seed?: number;
  readonly jobs: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly report?: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export const RUN_DEFAULTS = {
  kernel: '6.12',
  property: lockstep.name,
  options: DEFAULT_OPTIONS,
  steps: 30,
  jobs: 2,
  timeSeconds: 100,
} as const;

const SEED_MAX = 0x7fff_ffff;
const RECORD_EVERY_MS = 2000;

/** A campaign: random scenarios on a kernel, next to the model. Returns the exit status. */
export async function run(flags: RunFlags): Promise<number> {
  const property = PROPERTIES[flags.property];
  if (property === undefined) {
    const names = Object.keys(PROPERTIES).join(', ');
    throw new HarnessError('bad-input', `no property ${flags.property}; there are ${names}`);
  }
  const resumed = flags.resume === undefined ? null : readRecord(flags.resume);
  const seed = resumed?.seed ?? flags.seed ?? Math.floor(Math.random() * SEED_MAX);
  const plan = planOf(flags, seed, resumed?.stepsMax ?? flags.steps);
  const reportPath = flags.resume ?? flags.report ?? join(REPORTS_DIR, newName(seed));
  const report = new ReportDir(reportPath);
  const progress = new Progress(flags.json === true);
  const signal = interruption();
  const source = await prepareGuests({
    kernel: flags.kernel,
    backend: flags.backend,
    modulesDir: flags.modules,
    mirror: flags.mirror,
    coldBoot: flags.coldBoot === true,
    cacheDir: CACHE_DIR,
  });
  const { choice, image } = source;
  progress.line(`backend ${choice.backend.name}: ${choice.because}`);
  progress.line(`kernel ${image.release}, property ${property.name}, seed ${seed}`);
  const tally = new Tally(plan.shard, resumed?.tally ?? null);
  const files = new Map<Finding, string>();
  let recordedMs = 0;
  const record = (): void => {
    const { options, stepsMax } = plan;
    report.record({ seed, options, stepsMax, kernel: flags.kernel, tally: tally.record() });
  };
  const end = await runCampaign({
    plan,
    subject: subjectOf(property, plan),
    start: source.start,
    known: readDisagreements(FIXTURES_DIR),
    tally,
    signal,
    watcher: {
      started: ({ backend, how, bootMs }) => {
        progress.line(`machine ${backend}: ${how} start in ${Math.round(bootMs)} ms`);
      },
      progress: (current) => {
        progress.show(current, files.size);
        if (performance.now() - recordedMs < RECORD_EVERY_MS) return;
        recordedMs = performance.now();
        record();
      },
      finding: (finding) => {
        files.set(finding, report.finding(finding));
        progress.line(`found: ${finding.cause}`);
        return Promise.resolve();
      },
      note: (text) => {
        progress.line(text);
      },
    },
  });
  record();
  progress.end();
  const document = documentOf(end, tally, seed, files);
  report.result(document);
  if (flags.json === true) process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
  else tell(end, tally, plan, files, report, flags);
  return exitOfEnd(end);
}

function planOf(flags: RunFlags, seed: number, stepsMax: number): CampaignPlan {
  const isBounded = flags.scenarios !== undefined || flags.time !== undefined;
  const timeMs = flags.time ?? (isBounded ? null : RUN_DEFAULTS.timeSeconds * 1000);
  return {
    property: flags.property,
    seed,
    options: flags.options,
    stepsMax,
    scenariosMax: flags.scenarios ?? null,
    timeMs,
    jobs: flags.jobs,
    inFlight: 4,
    shard: flags.shard,
    findingsMax: 10,
    confirmations: 5,
    shrinkEvaluationsMax: 2000,
    exitWaitMs: 5000,
  };
}

/** A property with its seed, as plain functions. */
export function subjectOf(
  property: Property,
  { seed, options, stepsMax }: Pick<CampaignPlan, 'seed' | 'options' | 'stepsMax'>,
): Subject {
  return {
    scenarioAt: (index) => property.scenarioAt(seed, index, { options, stepsMax }),
    check: (scenario, kernel) => property.check(scenario, kernel),
    signatureOf,
    shrink,
  };
}

/** The document of `--json`; its field names are a promise to scripts. */
function documentOf(
  end: CampaignEnd,
  tally: Tally,
  seed: number,
  files: ReadonlyMap<Finding, string>,
): unknown {
  const seconds = tally.seconds();
  const differing = [...tally.causes.values()].reduce((sum, count) => sum + count, 0);
  const kernel = {
    release: end.release,
    backend: end.backend,
    scenarios: tally.scenarios,
    steps: tally.steps,
    differences: differing - tally.known,
    known: tally.known,
    seconds,
    stepsPerSecond: seconds === 0 ? 0 : tally.steps / seconds,
  };
  return {
    verdict: end.verdict,
    ...(end.trouble === null ? {} : { trouble: end.trouble }),
    kernels: [kernel],
    seed,
    rules: { total: Object.keys(RULES).length, reached: tally.rules.size },
    findings: end.findings.map((finding) => ({
      file: files.get(finding) ?? null,
      steps: finding.scenario.steps.length,
      rule: finding.rule,
      kernel: finding.release,
      text: findingText(finding),
    })),
  };
}

/** What a person reads last: the findings, how to see them again, and the verdict. */
function tell(
  end: CampaignEnd,
  tally: Tally,
  plan: CampaignPlan,
  files: ReadonlyMap<Finding, string>,
  report: ReportDir,
  flags: RunFlags,
): void {
  const lines: string[] = [];
  for (const [finding, file] of files) {
    lines.push('', findingText(finding).trimEnd(), '', `scenario: ${file}`);
    lines.push(`again:    npx ovlcheck replay --kernel ${flags.kernel} ${file}`);
  }
  const rate = Math.round(tally.steps / Math.max(tally.seconds(), 0.001));
  const reached = `${tally.rules.size} of ${Object.keys(RULES).length} rules`;
  lines.push(
    '',
    `${tally.scenarios} scenarios, ${tally.steps} steps, ${rate} steps/s, ${reached} reached`,
    `seed ${plan.seed}; report in ${report.path}`,
  );
  if (end.trouble !== null) lines.push(`trouble of our own: ${end.trouble}`);
  lines.push(`verdict: ${end.isInterrupted ? 'interrupted, ' : ''}${end.verdict}`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function newName(seed: number): string {
  return `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${seed}`;
}
