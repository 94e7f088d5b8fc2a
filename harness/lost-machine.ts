import type { Checked, Difference } from '../model/observation.ts';
import { mayLoseMachine } from '../model/overlay/damage.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { isOfVersion, LOSSES } from './known-disagreement.ts';
import type { KnownDisagreement, Loss } from './known-disagreement.ts';

/** How long a step is waited for: so long, and so many times what all before it took. */
const WAIT_MS = 3000;
const WAIT_TIMES = 3;

/** Older kernels hand the file of one file system to another one. */
const LOST_TO = 'dedupe/one-file-system';

/** What a law shows of a scenario on a kernel. */
type Check = (scenario: Scenario, kernel: Kernel) => Promise<Checked>;

/** What was checked in the end, and what it showed. */
export interface Cut {
  readonly scenario: Scenario;
  readonly checked: Checked;
}

/** Whether a kernel that does it is of no use any more. */
export function losesMachine({ differs }: Pick<KnownDisagreement, 'differs'>): boolean {
  return LOSSES.some((loss) => differs.includes(loss));
}

/** A kernel that others use, too, cannot be thrown away. */
export function refuseToLose(
  scenario: Scenario,
  kernel: Pick<Kernel, 'release' | 'environment'>,
): void {
  const isDamaged = scenario.steps.some(
    (step) => step.op === 'openHandle' && mayLoseMachine(step.args.damage),
  );
  if (!isDamaged && !sharesAcross(scenario, kernel)) return;
  const why = 'a kernel that may never answer again has to be in a VM of our own';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}

/** Whether files of two file systems would share data, were it up to the kernel. */
function sharesAcross(
  scenario: Scenario,
  { release, environment }: Pick<Kernel, 'release' | 'environment'>,
): boolean {
  if (!scenario.steps.some(({ op }) => op === 'dedupe')) return false;
  const semantics = profileOfRelease(release);
  if (semantics.behaviour.dedupeAcross === 'the VFS') return false;
  return simulate(scenario, semantics, environment).some(({ rules }) => rules.includes(LOST_TO));
}

/** What a law shows of the scenario of an entry, without much waiting for a lost machine. */
export async function checkEntry(
  check: Check,
  entry: Pick<KnownDisagreement, 'differs' | 'rule' | 'scenario'>,
  kernel: Kernel,
): Promise<Checked> {
  const { scenario } = entry;
  const cut = losesMachine(entry) ? await checkForLoss(check, scenario, entry, kernel) : null;
  return cut === null ? check(scenario, kernel) : cut.checked;
}

/** Whether a scenario loses its machine for a reason that is known, and then up to where. */
export async function knownLoss(
  known: readonly KnownDisagreement[],
  { property, check }: { readonly property: string; readonly check: Check },
  scenario: Scenario,
  kernel: Kernel,
): Promise<Cut | null> {
  for (const entry of known) {
    const isMeant = entry.kernels.some((prefix) => isOfVersion(kernel.release, prefix));
    if (!isMeant || entry.property !== property || !losesMachine(entry)) continue;
    const cut = await checkForLoss(check, scenario, entry, kernel);
    if (cut?.checked.differences.some(({ at }) => entry.differs.includes(at)) === true) return cut;
  }
  return null;
}

/**
 * What a law shows of a scenario up to the first step that a rule predicts, on a kernel that may
 * be lost to it. All steps before are checked alone first: that they are answered, and how
 * fast, tells a kernel that never answers from a busy host. Null where the rule predicts no step.
 */
async function checkForLoss(
  check: Check,
  scenario: Scenario,
  { rule, differs }: Pick<KnownDisagreement, 'differs' | 'rule'>,
  kernel: Kernel,
): Promise<Cut | null> {
  const { release, environment } = kernel;
  const predicted = simulate(withEpilogue(scenario), profileOfRelease(release), environment);
  const at = predicted.findIndex(({ rules }) => rules.some((used) => used === rule));
  if (at < 1 || at > scenario.steps.length) return null;
  const upTo = (count: number): Scenario => {
    return { ...scenario, steps: scenario.steps.slice(0, count) };
  };

  const start = performance.now();
  const before = await check(upTo(at - 1), kernel);
  if (before.differences.length > 0) return { scenario: upTo(at - 1), checked: before };
  // A panic comes when it comes, and so does that of a warning.
  const isWaitedFor = !differs.includes('no answer');
  const waitMs = isWaitedFor ? null : WAIT_MS + WAIT_TIMES * (performance.now() - start);
  const cut = upTo(at);
  const checked = await within(check(cut, kernel), waitMs);
  if (typeof checked !== 'string') return { scenario: cut, checked };
  const unseen = { predicted: predicted.slice(0, at + 1), observed: [] };
  return { scenario: cut, checked: { differences: [unanswered(at, checked)], ...unseen } };
}

function unanswered(step: number, loss: Loss): Difference {
  return { step, at: loss, field: loss, predicted: 'an answer', observed: loss };
}

/** What takes longer, or was given up by those below who wait, has no answer. */
async function within<T>(work: Promise<T>, waitMs: number | null): Promise<T | Loss> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Loss>((resolve) => {
    if (waitMs !== null) timer = setTimeout(resolve, waitMs, 'no answer');
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    const loss = lossOf(error);
    if (loss === null) throw error;
    return loss;
  } finally {
    clearTimeout(timer);
    // It fails when the machine is ended, and nobody asks then.
    work.catch(() => undefined);
  }
}

function lossOf(error: unknown): Loss | null {
  if (!(error instanceof HarnessError)) return null;
  if (error.reason === 'timeout') return 'no answer';
  const { cause } = error;
  if (!(cause instanceof Object) || !('reason' in cause)) return null;
  return LOSSES.find((loss) => loss === cause.reason) ?? null;
}
