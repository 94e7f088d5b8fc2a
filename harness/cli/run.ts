import { join, resolve } from 'node:path';
import type { ModuleParameters } from '../../model/semantics/module-parameters.ts';
import { EXPLAIN_PROBES_MAX } from '../../properties/explain.ts';
import { DEFAULT_BASE } from '../../properties/bases.ts';
import { ANY_OPTIONS } from '../../properties/options.ts';
import { DEFAULT_PROPERTY } from '../../properties/index.ts';
import type { Property } from '../../properties/property.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { runCampaign } from '../campaign.ts';
import type { CampaignEnd, CampaignWatcher } from '../campaign.ts';
import type { CampaignPlan } from '../campaign-plan.ts';
import { Tally } from '../campaign-tally.ts';
import { HarnessError } from '../errors.ts';
import type { CampaignRecord } from '../report/campaign-record.ts';
import { keepCertificate } from './certificates.ts';
import { checkOptions } from '../scenario-file.ts';
import { prepareGuests } from '../start-guest.ts';
import {
  CACHE_DIR,
  exitOfEnd,
  FIXTURES_DIR,
  interruption,
  REPORTS_DIR,
  propertyOf,
  withProposal,
} from './context.ts';
import type { KernelFlags } from './context.ts';
import { basesAsked, checkBase, shareOf, wishOf } from './flags.ts';
import { Progress } from './progress.ts';
import { readScenario } from './replay.ts';
import { subjectOf } from './subject.ts';
import { tellAnnotations } from './annotate.ts';
import {
  newName,
  readDisagreements,
  readRecord,
  rememberCampaign,
  ReportDir,
} from './report-dir.ts';
import { documentOf, summaryText, verdictOf } from './run-result.ts';
import { replayOnRebuilds, watchedBuild } from './watch.ts';

export interface RunFlags extends KernelFlags {
  readonly property: string;
  readonly semantics?: string;
  readonly options: string;
  readonly base: string;
  readonly parameters?: ModuleParameters;
  readonly userns?: true;
  readonly scenarios?: number;
  readonly time?: number;
  readonly steps: number;
  readonly findings: number;
  readonly seed?: number;
  readonly jobs: number;
  readonly shard: { readonly index: number; readonly of: number };
  readonly report?: string;
  readonly resume?: string;
  readonly explain: boolean;
  readonly traceFunctions?: boolean;
  readonly json?: boolean;
  readonly annotations?: boolean;
  readonly watch?: boolean;
}

export const RUN_DEFAULTS = {
  property: DEFAULT_PROPERTY,
  options: DEFAULT_OPTIONS,
  base: DEFAULT_BASE,
  steps: 30,
  findings: 10,
  jobs: 2,
  timeSeconds: 100,
} as const;

const SEED_MAX = 0x7fff_ffff;
const RECORD_EVERY_MS = 2000;

/** A campaign: random scenarios on a kernel, next to the model. Returns the exit status. */
export async function run(given: RunFlags): Promise<number> {
  const resumed = given.resume === undefined ? null : readRecord(given.resume);
  const asked = withProposal(resumed === null ? given : { ...given, ...askedOf(resumed) });
  const property = placedOn(propertyOf(asked.property, asked.semantics), asked.base);
  const flags = { ...asked, base: baseFor(property, asked.base) };
  checkOptions(flags.options);
  const { list } = property;
  if (
    list !== undefined &&
    (![RUN_DEFAULTS.options, ANY_OPTIONS].includes(flags.options) ||
      (flags.base !== RUN_DEFAULTS.base && property.on === undefined) ||
      flags.parameters !== undefined ||
      flags.userns === true)
  ) {
    throw new HarnessError('bad-input', `${property.name} has its own options and file systems`);
  }
  const seed = flags.seed ?? Math.floor(Math.random() * SEED_MAX);
  const plan = planOf(flags, seed, property);
  const path = flags.resume ?? flags.report ?? join(REPORTS_DIR, newName(String(seed)));
  const report = new ReportDir(path, resumed?.findings ?? []);
  const progress = new Progress(flags.json === true, plan);
  const signal = interruption();
  if (flags.watch === true && flags.json === true) {
    throw new HarnessError('bad-input', '--json is one document: --watch has no end');
  }
  using build = flags.watch === true ? await watchedBuild(flags, signal) : null;
  const tally = new Tally(plan.shard, resumed?.tally ?? null);
  const source = await prepareGuests({
    ...wishOf(flags),
    failing: property.failsDevices === true,
    bases: basesAsked(flags.base),
    functions: flags.traceFunctions === true ? tally.functions : undefined,
    note: (text) => {
      progress.line(text);
    },
  });
  const { choice, image } = source;
  progress.line(`backend ${choice.backend.name}: ${choice.because}`);
  progress.line(`kernel ${image.release}, property ${property.name}, seed ${seed}`);
  let release = resumed?.release ?? null;
  const record = (): CampaignRecord => {
    const module = flags.module === undefined ? {} : { module: resolve(flags.module) };
    const asked = { ...plan, ...module, kernel: image.asked };
    return report.record({ ...asked, release, tally: tally.record() });
  };
  const started = (on: string): void => {
    refuseAnother(release, on);
    release = on;
  };
  record();
  const end = await runCampaign({
    plan,
    subject: subjectOf(property, plan, image.release),
    start: source.start,
    known: readDisagreements(FIXTURES_DIR),
    tally,
    signal,
    watcher: watcherOf(progress, report, { record, started }),
  });
  progress.end();
  certify(end, property, tally, report);
  const asKernel = { ...flags, kernel: image.asked };
  const status = finish(end, asKernel, { plan, record: record() }, tally, report);
  const last = report.findings.at(-1);
  if (build === null || last === undefined || end.isInterrupted) return status;
  const stored = [last.file, readScenario(last.file)] as const;
  return await replayOnRebuilds(build, [stored], { property, flags, signal, held: false });
}

function finish(
  end: CampaignEnd,
  flags: RunFlags & { readonly kernel: string },
  { plan, record }: { readonly plan: CampaignPlan; readonly record: CampaignRecord },
  tally: Tally,
  report: ReportDir,
): number {
  const verdict = verdictOf(end, report.findings);
  const result = documentOf({ ...end, verdict }, tally, plan, report.findings);
  report.result({ record, result });
  rememberCampaign(CACHE_DIR, {
    seed: plan.seed,
    kernel: end.release ?? flags.kernel,
    options: plan.options,
    base: plan.base,
    scenarios: tally.scenarios,
    rules: tally.record().rules,
  });
  const text =
    flags.json === true
      ? JSON.stringify(result, null, 1)
      : summaryText({ ...end, verdict }, tally, plan, report, flags);
  process.stdout.write(`${text}\n`);
  tellAnnotations([{ record, result }], flags);
  return exitOfEnd({ ...end, verdict });
}

/** Once a whole list holds, what the kernel does is known of each of its scenarios. */
function certify(
  { verdict, release, environment }: CampaignEnd,
  { list }: Property,
  tally: Tally,
  report: ReportDir,
): void {
  if (list?.certify === undefined || release === null || environment === null) return;
  if (verdict !== 'holds' || tally.scenarios < list.count) return;
  const certificate = list.certify({ release, environment });
  report.certificate(certificate);
  keepCertificate(CACHE_DIR, release, certificate.document);
}

/** What holds on one kernel says nothing of the next, even if it was asked for as the same. */
function refuseAnother(began: string | null, now: string): void {
  if (began === null || began === now) return;
  throw new HarnessError('unfit-kernel', `this campaign began on ${began}; here runs ${now}`);
}

function watcherOf(
  progress: Progress,
  report: ReportDir,
  {
    record,
    started,
  }: { readonly record: () => unknown; readonly started: (release: string) => void },
): CampaignWatcher {
  let recordedMs = 0;
  return {
    started: ({ kernel, backend, how, bootMs }) => {
      started(kernel.release);
      progress.on(kernel.release);
      progress.line(`machine ${backend}: ${how} start in ${Math.round(bootMs)} ms`);
    },
    progress: (tally) => {
      progress.show(tally, report.findings.length);
      if (performance.now() - recordedMs < RECORD_EVERY_MS) return;
      recordedMs = performance.now();
      record();
    },
    finding: (finding) => {
      const { file } = report.finding(finding);
      progress.line(`found: ${finding.cause} (${file})`);
      return Promise.resolve();
    },
    note: (text) => {
      progress.line(text);
    },
  };
}

/** What a resumed campaign goes on with, whatever the command line says now. */
function askedOf({
  property,
  seed,
  options,
  base,
  parameters,
  userns,
  stepCount,
  shard,
  kernel,
  module,
  semantics,
  tally,
}: CampaignRecord): Partial<RunFlags> {
  const of = { property, seed, options, base, steps: stepCount, shard, kernel };
  return {
    ...of,
    ...(parameters === undefined ? {} : { parameters }),
    ...(userns === undefined ? {} : { userns }),
    ...(module === undefined ? {} : { module }),
    ...(semantics === undefined ? {} : { semantics }),
    ...(tally.functions === undefined ? {} : { traceFunctions: true }),
  };
}

function planOf(flags: RunFlags, seed: number, { list }: Property): CampaignPlan {
  // A list has an end of its own.
  const isBounded = list !== undefined || flags.scenarios !== undefined || flags.time !== undefined;
  const timeMs = flags.time ?? (isBounded ? null : RUN_DEFAULTS.timeSeconds * 1000);
  return {
    property: flags.property,
    ...(flags.semantics === undefined ? {} : { semantics: flags.semantics }),
    seed,
    // It has more than one string, whatever was asked for.
    options: list === undefined ? flags.options : ANY_OPTIONS,
    base: flags.base,
    ...(flags.parameters === undefined ? {} : { parameters: flags.parameters }),
    ...(flags.userns === undefined ? {} : { userns: flags.userns }),
    stepCount: flags.steps,
    scenariosMax: flags.scenarios === undefined ? null : shareOf(flags.scenarios, flags.shard),
    timeMs,
    listed: list?.count ?? null,
    jobs: flags.jobs,
    inFlight: list === undefined ? 4 : 2,
    shard: flags.shard,
    findingsMax: flags.findings,
    confirmations: 5,
    shrinkEvaluationsMax: 2000,
    explainProbesMax: flags.explain ? EXPLAIN_PROBES_MAX : 0,
    exitWaitMs: 5000,
  };
}

/** A list of mounts may be one for each file system. */
function placedOn(property: Property, base: string): Property {
  checkBase(base);
  return base === RUN_DEFAULTS.base ? property : (property.on?.(base) ?? property);
}

function baseFor({ name, base, alsoOn = [] }: Property, asked: string): string {
  if (base === undefined) return asked;
  if (alsoOn.some((other) => other === asked)) return asked;
  if (asked !== RUN_DEFAULTS.base && asked !== base) {
    throw new HarnessError('bad-input', `${name} has layers on ${[base, ...alsoOn].join(' or ')}`);
  }
  return base;
}
