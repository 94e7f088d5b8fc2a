import type { Checked, Difference } from '../model/observation.ts';
import { mayLoseMachine } from '../model/overlay/damage.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import { profileOfRelease } from '../model/semantics/resolve.ts';
import { simulate } from '../model/simulate.ts';
import { HarnessError } from './errors.ts';
import type { Kernel } from './kernel.ts';
import { isOfVersion, NO_ANSWER } from './known-disagreement.ts';
import type { KnownDisagreement } from './known-disagreement.ts';

/** How long a step is waited for: so long, and so many times what all before it took. */
const WAIT_MS = 3000;
const WAIT_TIMES = 3;

/** What a law shows of a scenario on a kernel. */
type Check = (scenario: Scenario, kernel: Kernel) => Promise<Checked>;

/** What was checked in the end, and what it showed. */
export interface Cut {
  readonly scenario: Scenario;
  readonly checked: Checked;
}

/** Whether a kernel that does it gives no answer any more. */
export function losesMachine({ differs }: Pick<KnownDisagreement, 'differs'>): boolean {
  return differs.includes(NO_ANSWER);
}

/** A kernel that others use, too, cannot be thrown away. */
export function refuseToLose({ steps }: Scenario, isOurs: boolean): void {
  const isSafe = steps.every(
    (step) => step.op !== 'openHandle' || !mayLoseMachine(step.args.damage),
  );
  if (isSafe || isOurs) return;
  const why = 'a kernel that may never answer again has to be in a VM of our own';
  throw new HarnessError('unfit-kernel', `${why}: use --backend qemu or uml`);
}

/** What a law shows of the scenario of an entry, without much waiting for a lost machine. */
export async function checkEntry(
  check: Check,
  entry: Pick<KnownDisagreement, 'differs' | 'rule' | 'scenario'>,
  kernel: Kernel,
): Promise<Checked> {
  const { scenario, rule } = entry;
  const cut = losesMachine(entry) ? await checkForAnswer(check, scenario, rule, kernel) : null;
  return cut === null ? check(scenario, kernel) : cut.checked;
}

/** Whether a scenario gives no answer for a reason that is known, and then up to where. */
export async function knownSilence(
  known: readonly KnownDisagreement[],
  { property, check }: { readonly property: string; readonly check: Check },
  scenario: Scenario,
  kernel: Kernel,
): Promise<Cut | null> {
  for (const entry of known) {
    const isMeant = entry.kernels.some((prefix) => isOfVersion(kernel.release, prefix));
    if (!isMeant || entry.property !== property || !losesMachine(entry)) continue;
    const cut = await checkForAnswer(check, scenario, entry.rule, kernel);
    if (cut?.checked.differences.some(({ at }) => at === NO_ANSWER) === true) return cut;
  }
  return null;
}

/**
 * What a law shows of a scenario up to the first step that a rule predicts, on a kernel that may
 * give no answer to it. All steps before are checked alone first: that they are answered, and how
 * fast, tells a kernel that never answers from a busy host. Null where the rule predicts no step.
 */
async function checkForAnswer(
  check: Check,
  scenario: Scenario,
  rule: string,
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
  const waitMs = WAIT_MS + WAIT_TIMES * (performance.now() - start);
  const cut = upTo(at);
  const checked = await within(check(cut, kernel), waitMs);
  if (checked !== null) return { scenario: cut, checked };
  const silent = { predicted: predicted.slice(0, at + 1), observed: [] };
  return { scenario: cut, checked: { differences: [unanswered(at)], ...silent } };
}

function unanswered(step: number): Difference {
  return { step, at: NO_ANSWER, field: NO_ANSWER, predicted: 'an answer', observed: NO_ANSWER };
}

/** Null for what takes longer, or was given up by those below who wait. */
async function within<T>(work: Promise<T>, waitMs: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, waitMs, null);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    if (error instanceof HarnessError && error.reason === 'timeout') return null;
    throw error;
  } finally {
    clearTimeout(timer);
    // It fails when the machine is ended, and nobody asks then.
    work.catch(() => undefined);
  }
}
