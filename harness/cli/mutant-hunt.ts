import { isCertain, runCampaign } from '../campaign.ts';
import type { CampaignEnd, CampaignWatcher } from '../campaign.ts';
import { exitOf } from '../campaign-guest.ts';
import type { StartGuest } from '../campaign-guest.ts';
import type { CampaignPlan, Finding, Subject } from '../campaign-plan.ts';
import { Tally } from '../campaign-tally.ts';
import { HarnessError } from '../errors.ts';
import type { HarnessReason } from '../errors.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';
import { propertyOf } from './context.ts';
import { subjectOf } from './subject.ts';

/** One kind of campaign, and how many of a round's steps it gets. */
interface Stage {
  readonly property: string;
  readonly options: string;
  readonly base: string;
  readonly steps: number;
}

/** What is rare when options are drawn: of 600 such scenarios five make a metadata-only copy. */
const METACOPY = 'redirect_dir=on,index=on,metacopy=on';
const EXPORT = 'redirect_dir=on,index=on,nfs_export=on,metacopy=off';

/** Of those marks tmpfs has none on older kernels, and to follow redirects is refused with them. */
const USERXATTR = 'userxattr,redirect_dir=nofollow,index=off,metacopy=off';

/**
 * The same for every mutant: whoever made the plan fit one would measure nothing. Each feature that
 * changes what most steps do has options of its own; each property and file system has a share.
 * Laws that need no model see little that the model does not, once that is right.
 */
export const ROUND: readonly Stage[] = [
  { property: 'lockstep', options: 'any', base: 'tmpfs', steps: 480 },
  { property: 'lockstep', options: METACOPY, base: 'tmpfs', steps: 480 },
  { property: 'lockstep', options: DEFAULT_OPTIONS, base: 'tmpfs', steps: 240 },
  { property: 'mount-options', options: DEFAULT_OPTIONS, base: 'tmpfs', steps: 190 },
  { property: 'lockstep', options: EXPORT, base: 'tmpfs', steps: 480 },
  { property: 'lockstep', options: 'any', base: 'any', steps: 540 },
  { property: 'lockstep', options: USERXATTR, base: 'ext4', steps: 120 },
  { property: 'durability', options: DEFAULT_OPTIONS, base: 'ext4', steps: 240 },
  { property: 'twin', options: DEFAULT_OPTIONS, base: 'tmpfs', steps: 60 },
  { property: 'remount-equivalence', options: METACOPY, base: 'tmpfs', steps: 60 },
];

/** Of a list of mounts each round takes another share, which has all kinds of them. */
const LIST_SHARES = 199;
const STEP_COUNT = 30;

/** What is known of a mutant once it was hunted, or given up. */
export interface Hunted {
  readonly found: boolean;
  readonly property: string | null;
  readonly cause: string | null;
  readonly steps: number;
  readonly scenarios: number;
  readonly shrunkSteps: number | null;
  readonly finding: Finding | null;
  /** Scenarios that differ on the unmodified module, too: they are about our model. */
  readonly alarms: readonly Finding[];
}

export interface Hunt {
  readonly seed: number;
  readonly stepsMax: number;
  readonly shrinkEvaluationsMax: number;
  readonly release: string;
  readonly start: StartGuest;
  /** Starts a machine with the unmodified module; null to hunt on that itself. */
  readonly startUnmodified: StartGuest | null;
  readonly known: readonly KnownDisagreement[];
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
}

/** Runs campaigns of all kinds until one shows the bug, or enough was done. */
export async function hunt(world: Hunt): Promise<Hunted> {
  const state = { steps: 0, scenarios: 0 };
  const alarms: Finding[] = [];
  for (let turn = 0; state.steps < world.stepsMax; turn++) {
    const stage = ROUND[turn % ROUND.length];
    if (stage === undefined) break;
    const steps = Math.min(stage.steps, world.stepsMax - state.steps);
    const { end, subject, tally } = await runStage(world, { ...stage, steps }, turn);
    world.signal.throwIfAborted();
    for (const finding of end.findings) {
      if (!isCertain(finding)) continue;
      if (await isOurs(world, finding, subject)) {
        alarms.push(finding);
        world.note(`differs without the bug as well: ${finding.cause}`);
        continue;
      }
      return { ...foundBy(finding, stage, state, subject), finding, alarms };
    }
    if (end.trouble !== null) {
      const property = await isOfKernel(world, end.trouble, { ...stage, steps }, turn);
      if (property === null) throw end.trouble;
      const about = { property, cause: end.trouble.message, shrunkSteps: null, finding: null };
      return { found: true, ...about, ...state, alarms };
    }
    state.scenarios += tally.scenarios;
    state.steps += workOf(tally);
  }
  const nothing = { found: false, property: null, cause: null, shrunkSteps: null, finding: null };
  return { ...nothing, ...state, alarms };
}

async function runStage(
  world: Hunt,
  stage: Stage,
  turn: number,
): Promise<{ readonly end: CampaignEnd; readonly subject: Subject; readonly tally: Tally }> {
  const property = propertyOf(stage.property);
  const isList = property.list !== undefined;
  const round = Math.floor(turn / ROUND.length);
  const shard = isList
    ? { index: (world.seed * 31 + round) % LIST_SHARES, of: LIST_SHARES }
    : { index: 0, of: 1 };
  const plan: CampaignPlan = {
    property: stage.property,
    // Stages of one seed, and seeds of one stage, have no scenario in common.
    seed: world.seed * 1000 + turn,
    options: stage.options,
    base: stage.base,
    stepCount: STEP_COUNT,
    scenariosMax: isList ? stage.steps : Math.ceil(stage.steps / STEP_COUNT),
    timeMs: null,
    listed: property.list?.count ?? null,
    jobs: 1,
    inFlight: isList ? 1 : 3,
    shard,
    findingsMax: 1,
    confirmations: 2,
    shrinkEvaluationsMax: world.shrinkEvaluationsMax,
    explainProbesMax: 0,
    exitWaitMs: 5000,
  };
  const subject = subjectOf(property, plan, world.release);
  const tally = new Tally(shard);
  const { start, known, signal } = world;
  const end = await runCampaign({ plan, subject, start, known, tally, signal, watcher: NOBODY });
  return { end, subject, tally };
}

/** What is found is in the end; nobody waits for anything before. */
const NOBODY: CampaignWatcher = {
  started: () => undefined,
  progress: () => undefined,
  finding: () => Promise.resolve(),
  note: () => undefined,
};

/** A mount is as much work as a step is elsewhere. */
function workOf({ steps, scenarios }: Pick<Tally, 'steps' | 'scenarios'>): number {
  return steps > 0 ? steps : scenarios;
}

/** Scenarios are counted up to the one that showed it, whatever else was on its way. */
function foundBy(
  finding: Finding,
  { property }: Stage,
  before: { readonly steps: number; readonly scenarios: number },
  { list }: Subject,
): Omit<Hunted, 'finding' | 'alarms'> {
  const scenarios =
    list === undefined ? finding.index + 1 : Math.floor(finding.index / LIST_SHARES);
  return {
    found: true,
    property: finding.checked === null ? sayKind(finding.kind) : property,
    cause: finding.cause,
    scenarios: before.scenarios + scenarios,
    steps: before.steps + scenarios * (list === undefined ? STEP_COUNT : 1),
    shrunkSteps: finding.isMinimal ? finding.scenario.steps.length : null,
  };
}

/** Whether the unmodified module does the same, so that the bug is not what was found. */
async function isOurs(
  { startUnmodified, signal }: Hunt,
  { scenario }: Finding,
  subject: Subject,
): Promise<boolean> {
  if (startUnmodified === null) return false;
  await using guest = await startUnmodified(signal);
  try {
    const { differences } = await subject.check(scenario, guest.kernel);
    await guest.unload?.();
    return differences.length > 0;
  } catch (error) {
    if (!(error instanceof HarnessError) || signal.aborted) throw error;
    const exit = await exitOf(guest, 5000);
    const isLost = NO_ANSWER.has(error.reason) && error.reason !== 'trouble';
    if (isLost || (exit !== null && 'report' in exit)) return true;
    throw error;
  }
}

function sayKind(kind: Finding['kind']): string {
  return kind === 'hung' || kind === 'lost' ? 'no answer' : 'kernel-finding';
}

/**
 * What trouble of ours is no trouble of ours: a module with which the kernel does not start, or is
 * not what it was; or one with which it gives no answer where the unmodified one does.
 */
async function isOfKernel(
  world: Hunt,
  { reason }: HarnessError,
  stage: Stage,
  turn: number,
): Promise<string | null> {
  const { startUnmodified } = world;
  if (startUnmodified === null) return null;
  const isNoStart = NO_START.has(reason);
  if (!isNoStart && !NO_ANSWER.has(reason)) return null;
  const without = await runStage({ ...world, start: startUnmodified }, stage, turn);
  if (without.end.trouble !== null) return null;
  // On a busy host anything may be late once.
  const again = await runStage(world, stage, turn);
  if (again.end.trouble === null && again.end.findings.length === 0) return null;
  return isNoStart ? 'start' : 'no answer';
}

/** Calls that fail after what is to clean up, too: what is not let go of stays busy. */
const NO_ANSWER: ReadonlySet<HarnessReason> = new Set<HarnessReason>([
  ...(['timeout', 'lost', 'trouble'] as const),
]);

const NO_START: ReadonlySet<HarnessReason> = new Set<HarnessReason>([
  ...(['boot-failed', 'boot-timeout', 'unfit-kernel'] as const),
]);
