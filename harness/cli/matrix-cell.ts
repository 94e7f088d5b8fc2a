import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXPLAIN_PROBES_MAX } from '../../properties/explain.ts';
import { lockstep } from '../../properties/lockstep.ts';
import { withoutUpper } from '../../properties/layers.ts';
import type { Property } from '../../properties/property.ts';
import { runCampaign } from '../campaign.ts';
import type { CampaignPlan } from '../campaign-plan.ts';
import { Tally } from '../campaign-tally.ts';
import { HarnessError } from '../errors.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import { prepareGuests } from '../start-guest.ts';
import { tellOnStderr } from './context.ts';
import { basesAsked, wishOf } from './flags.ts';
import type { KernelFlags } from './context.ts';
import { refusalOf } from './matrix-suites.ts';
import type { MountKind } from './matrix-suites.ts';
import { shortReason } from './questions.ts';
import { ReportDir, writeWhole } from './report-dir.ts';
import { documentOf, verdictOf } from './run-result.ts';
import { subjectOf } from './subject.ts';

/** How much is done in each cell. */
export interface CellSize {
  readonly seed: number;
  readonly steps: number;
  readonly scenarios: number | null;
  readonly timeMs: number | null;
}

/** A kernel with one kind of mount. */
export interface CellPlace {
  readonly kernel: string;
  readonly kind: MountKind;
  readonly folder: string;
}

/** What came of a cell. */
export interface Cell {
  readonly kernel: string;
  readonly kind: MountKind;
  /** A few words for the table. */
  readonly text: string;
  /** Null where the kernel cannot do it. */
  readonly campaign: StoredCampaign | null;
  /** Why there is no answer. */
  readonly trouble: string | null;
  /** Whether the kernel lacks what the mount needs: that is the answer. */
  readonly isLacking: boolean;
  readonly isInterrupted: boolean;
}

export interface CellWorld {
  readonly size: CellSize;
  readonly flags: Omit<KernelFlags, 'kernel'>;
  readonly known: readonly KnownDisagreement[];
  readonly signal: AbortSignal;
  /** Kernels that are not there, and why: asking again would only take time. */
  readonly unknown: Map<string, HarnessError>;
  readonly progress: (place: CellPlace, scenarios: number) => void;
}

/** A mount that is refused says the same each time. */
const SCENARIOS_OF_REFUSED = 3;
const FILE = 'cell.json';

/** A cell that was finished before; null for one that has to be run. */
export function finishedCell({ folder }: CellPlace): Cell | null {
  const file = join(folder, FILE);
  // Written by ourselves, in one piece.
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Cell) : null;
}

/** Runs one cell. What keeps its kernel from it is an answer, too; our own trouble is not. */
export async function runCell(place: CellPlace, world: CellWorld): Promise<Cell> {
  const why = world.unknown.get(place.kernel);
  if (why !== undefined) return gapOf(place, why);
  const cell = await tryCell(place, world).catch((error: unknown): Cell => {
    if (!(error instanceof HarnessError) || world.signal.aborted) throw error;
    if (error.reason === 'no-such-kernel') world.unknown.set(place.kernel, error);
    return gapOf(place, error);
  });
  const isAnswer = cell.isLacking || (cell.campaign !== null && cell.trouble === null);
  if (isAnswer && !cell.isInterrupted) {
    writeWhole(join(place.folder, FILE), `${JSON.stringify(cell)}\n`);
  }
  return cell;
}

function gapOf({ kernel, kind }: CellPlace, error: HarnessError): Cell {
  const isLacking = error.reason === 'unfit-kernel';
  const nothing = { campaign: null, trouble: error.message, isLacking, isInterrupted: false };
  return { kernel, kind, text: shortReason(error), ...nothing };
}

async function tryCell(place: CellPlace, world: CellWorld): Promise<Cell> {
  const { kernel, kind, folder } = place;
  const { size, flags, known, signal } = world;
  const report = new ReportDir(folder, []);
  const source = await prepareGuests({
    ...wishOf({ ...flags, kernel }),
    bases: basesAsked(kind.base),
    note: tellOnStderr,
  });
  const { release } = source.image;
  const refusal = refusalOf(kind, release);
  const plan = planOf(kind, size, refusal === null ? size.scenarios : SCENARIOS_OF_REFUSED);
  const tally = new Tally(plan.shard);
  const end = await runCampaign({
    ...{ plan, start: source.start, known, tally, signal },
    subject: subjectOf(lawFor(kind), plan, release),
    watcher: {
      started: () => undefined,
      progress: ({ scenarios }) => {
        world.progress(place, scenarios);
      },
      finding: (finding) => {
        report.finding(finding);
        return Promise.resolve();
      },
      note: () => undefined,
    },
  });
  if (end.trouble !== null && tally.scenarios === 0) throw end.trouble;
  const record = report.record({
    ...{ ...plan, kernel, release: end.release, tally: tally.record() },
  });
  const verdict = verdictOf(end, report.findings);
  const result = documentOf({ ...end, verdict }, tally, plan, report.findings);
  const campaign = { record, result };
  report.result(campaign);
  const text = textOf(campaign, refusal);
  const trouble = end.trouble?.message ?? null;
  const { isInterrupted } = end;
  return { kernel, kind, text, campaign, trouble, isLacking: false, isInterrupted };
}

function textOf({ result }: StoredCampaign, refusal: string | null): string {
  const { verdict, findings, kernels } = result;
  if (findings.length > 0) return `${findings.length} found`;
  if (verdict !== 'holds') return verdict;
  if (refusal !== null) return `refused: ${refusal}`;
  const known = kernels.reduce((sum, kernel) => sum + kernel.known, 0);
  return known > 0 ? `holds, ${known} known` : 'holds';
}

/** The usual law; where there is to be no upper layer, the same scenarios without one. */
function lawFor({ hasUpper }: MountKind): Property {
  if (hasUpper) return lockstep;
  return {
    ...lockstep,
    scenarioAt(...given) {
      const scenario = lockstep.scenarioAt(...given);
      return { ...scenario, layers: scenario.layers.map(withoutUpper) };
    },
  };
}

function planOf(
  { options, base }: MountKind,
  { seed, steps, timeMs }: CellSize,
  scenariosMax: number | null,
): CampaignPlan {
  return {
    ...{ property: lockstep.name, seed, options, base, stepCount: steps },
    ...{ scenariosMax, timeMs, listed: null, jobs: 1, inFlight: 4 },
    ...{ shard: { index: 0, of: 1 }, findingsMax: 3, confirmations: 2 },
    ...{ shrinkEvaluationsMax: 1000, explainProbesMax: EXPLAIN_PROBES_MAX, exitWaitMs: 5000 },
  };
}
