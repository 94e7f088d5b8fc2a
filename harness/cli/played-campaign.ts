import { EXPLAIN_PROBES_MAX } from '../../properties/explain.ts';
import { modelKernel } from '../../properties/model-kernel.ts';
import { DEFAULT_PROPERTY, PROPERTIES } from '../../properties/index.ts';
import { runCampaign } from '../campaign.ts';
import type { Guest } from '../campaign-guest.ts';
import type { CampaignPlan, Subject } from '../campaign-plan.ts';
import { Tally } from '../campaign-tally.ts';
import type { OpsTable } from '../../model/stage.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import { shareOf } from './flags.ts';
import { ReportDir } from './report-dir.ts';
import { RUN_DEFAULTS } from './run.ts';
import { subjectOf } from './subject.ts';
import { documentOf, summaryText, verdictOf } from './run-result.ts';

export interface Played {
  readonly dir: string;
  readonly property?: string;
  readonly scenarios: number;
  readonly seed?: number;
  readonly shard?: CampaignPlan['shard'];
  readonly release?: string;
  readonly options?: string;
  readonly explainProbesMax?: number;
  /** Where the kernel is wrong. */
  readonly ops?: OpsTable;
  /** Puts something around what is checked. */
  readonly around?: (subject: Subject) => Subject;
}

/** A campaign, and what `run` would print at its end. */
export interface PlayedCampaign extends StoredCampaign {
  readonly text: string;
}

/** A campaign on a kernel that is the model, with its report: for tests of what comes after. */
export async function playCampaign(played: Played): Promise<PlayedCampaign> {
  const { dir, seed = 1, shard = { index: 0, of: 1 }, release = '6.12.7' } = played;
  const property = PROPERTIES[played.property ?? DEFAULT_PROPERTY];
  if (property === undefined) throw new RangeError(`no property ${played.property ?? ''}`);
  const plan: CampaignPlan = {
    ...{ property: property.name, seed, options: played.options ?? RUN_DEFAULTS.options },
    ...{ base: RUN_DEFAULTS.base, stepCount: 20, timeMs: null, shard },
    listed: property.list?.count ?? null,
    ...{ scenariosMax: shareOf(played.scenarios, shard), jobs: 1, inFlight: 1, findingsMax: 10 },
    ...{ confirmations: 2, shrinkEvaluationsMax: 2000, exitWaitMs: 20 },
    explainProbesMax: played.explainProbesMax ?? EXPLAIN_PROBES_MAX,
  };
  const subject = subjectOf(property, plan, release);
  const report = new ReportDir(dir, []);
  const tally = new Tally(shard);
  const end = await runCampaign({
    plan,
    subject: played.around?.(subject) ?? subject,
    start: () => Promise.resolve(guestOf(modelKernel(release, played.ops))),
    known: [],
    tally,
    signal: new AbortController().signal,
    watcher: {
      started: () => undefined,
      progress: () => undefined,
      note: () => undefined,
      finding(finding) {
        report.finding(finding);
        return Promise.resolve();
      },
    },
  });
  const verdict = verdictOf(end, report.findings);
  const result = documentOf({ ...end, verdict }, tally, plan, report.findings);
  const as = { property: property.name, kernel: '6.12' };
  const text = summaryText({ ...end, verdict }, tally, plan, report, as);
  const record = report.record({ ...plan, kernel: '6.12', release, tally: tally.record() });
  report.result({ record, result });
  return { record, result, text };
}

function guestOf(kernel: Guest['kernel']): Guest {
  const never = new Promise<never>(() => undefined);
  const dispose = (): Promise<void> => Promise.resolve();
  const start = { backend: 'model', how: 'cold', bootMs: 0, setUpMs: 0 } as const;
  return { kernel, ...start, exited: never, [Symbol.asyncDispose]: dispose };
}
