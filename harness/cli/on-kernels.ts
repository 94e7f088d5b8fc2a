import type { Checked, ObservedTrace } from '../../model/observation.ts';
import type { Scenario } from '../../model/scenario.ts';
import { KERNELS } from '../../model/semantics/kernels.ts';
import type { Environment } from '../../model/semantics/semantics.ts';
import type { Property } from '../../properties/property.ts';
import { hasTwin, runTwin } from '../../properties/twin.ts';
import { exitOf, isKernelTrouble } from '../campaign-guest.ts';
import type { Guest, KernelTrouble } from '../campaign-guest.ts';
import { HarnessError } from '../errors.ts';
import type { KernelFlags } from './context.ts';
import { startOne } from './start-one.ts';

const EXIT_WAIT_MS = 5000;

/** What one kernel did with some scenarios, in their order. */
export interface KernelRun {
  /** As it was asked for, such as `6.12`. */
  readonly asked: string;
  readonly kernel: { readonly release: string; readonly environment: Environment };
  readonly backend: string;
  readonly shown: readonly Shown[];
}

/** What a scenario showed, or what it did to the kernel. */
export type Shown =
  | { readonly checked: Checked; readonly plain: PlainRun | null }
  | { readonly trouble: KernelTrouble };

/** The same steps on a plain file system; null for those that were not made there. */
export type PlainRun = readonly (ObservedTrace[number] | null)[];

/** A kernel on which nothing could be run, and why. */
export interface KernelGap {
  readonly asked: string;
  readonly why: HarnessError;
}

export function isGap(tried: KernelRun | KernelGap): tried is KernelGap {
  return 'why' in tried;
}

export function isRun(tried: KernelRun | KernelGap): tried is KernelRun {
  return !isGap(tried);
}

/** A list such as `5.10,6.1`; `all` is one of each series that has a profile. */
export function kernelList(text: string): readonly string[] {
  if (text === 'all') return modelledSeries();
  const kernels = text.split(',').map((each) => each.trim());
  if (kernels.every((each) => each !== '')) return [...new Set(kernels)];
  throw new HarnessError('bad-input', '--kernels takes a list such as 5.10,6.1,host, or all');
}

/** `5.10`, `6.1` and so on: a series speaks for its point releases that have a profile. */
function modelledSeries(): readonly string[] {
  return KERNELS.map(({ id }) => id.replace('linux-', '')).filter((id) => /^\d+\.\d+$/.test(id));
}

/** What is run, and with which law. */
export interface Trial {
  readonly scenarios: readonly Scenario[];
  readonly property: Property;
  /** Whether the steps run on a plain file system, too. */
  readonly withTwin?: boolean;
  /** Whether kernels are held against another profile than their own, which they may lack. */
  readonly isForeign?: boolean;
}

/** Boots a kernel once for all scenarios; one that breaks it costs the others a further boot. */
export async function runOnKernel(
  asked: string,
  { scenarios, property, withTwin = false, isForeign = false }: Trial,
  flags: Omit<KernelFlags, 'kernel'>,
  signal: AbortSignal,
): Promise<KernelRun | KernelGap> {
  const shown: Shown[] = [];
  const start = (): Promise<Guest> =>
    startOne({ ...flags, kernel: asked }, scenarios, signal, { isProbed: !isForeign });
  try {
    for (;;) {
      await using guest = await start();
      const { kernel, backend } = guest;
      const isWhole = await runAll(guest, { scenarios, property, withTwin }, shown);
      if (!isWhole) continue;
      const { release, environment } = kernel;
      return { asked, kernel: { release, environment }, backend, shown };
    }
  } catch (error) {
    if (!(error instanceof HarnessError) || signal.aborted) throw error;
    return { asked, why: error };
  }
}

/** Whether the machine was fit for all that was left; what it did is noted in any case. */
async function runAll(
  guest: Guest,
  { scenarios, property, withTwin }: Required<Omit<Trial, 'isForeign'>>,
  shown: Shown[],
): Promise<boolean> {
  for (const scenario of scenarios.slice(shown.length)) {
    const seen = await showOne(guest, property, scenario, withTwin);
    shown.push(seen);
    if ('trouble' in seen && shown.length < scenarios.length) return false;
  }
  return true;
}

async function showOne(
  guest: Guest,
  property: Property,
  scenario: Scenario,
  withTwin: boolean,
): Promise<Shown> {
  const checked = await checkOrTrouble(property, scenario, guest);
  if ('report' in checked) return { trouble: checked };
  const run =
    withTwin && hasTwin(scenario) ? await runTwin(scenario, checked.observed, guest.kernel) : null;
  if (run === null) return { checked, plain: null };
  let made = 1;
  const steps = run.made.map((isMade) => (isMade ? (run.plain[made++] ?? null) : null));
  return { checked, plain: [null, ...steps] };
}

/** What a scenario shows, or what it did to the kernel. */
export async function checkOrTrouble(
  property: Property,
  scenario: Scenario,
  guest: Guest,
): Promise<Checked | KernelTrouble> {
  try {
    return await property.check(scenario, guest.kernel);
  } catch (error) {
    const exit = error instanceof HarnessError ? await exitOf(guest, EXIT_WAIT_MS) : null;
    if (isKernelTrouble(exit)) return exit;
    throw error;
  }
}
