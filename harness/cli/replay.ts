import { readFileSync } from 'node:fs';
import { DEFAULT_PROPERTY } from '../../properties/index.ts';
import { signatureOf } from '../../properties/property.ts';
import type { Property } from '../../properties/property.ts';
import { shrink } from '../../properties/shrink.ts';
import type { Scenario } from '../../model/scenario.ts';
import { exitOf, isKernelTrouble } from '../campaign-guest.ts';
import type { KernelTrouble } from '../campaign-guest.ts';
import { HarnessError } from '../errors.ts';
import { differencesText, sideBySide } from '../report/text.ts';
import { parseScenario } from '../scenario-file.ts';
import { EXIT, interruption, propertyOf, withProposal } from './context.ts';
import type { KernelFlags } from './context.ts';
import { checkOrTrouble } from './on-kernels.ts';
import { replayOnKernels } from './replay-kernels.ts';
import { startOne } from './start-one.ts';
import { replayOnRebuilds, watchedBuild } from './watch.ts';
import type { StoredScenario } from './watch.ts';

const SHRINK_EVALUATIONS_MAX = 2000;
const IN_FLIGHT = 4;
const CONSOLE_WAIT_MS = 1000;

export function readScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error ? error.message : '';
    throw new HarnessError('bad-input', `cannot read ${file}: ${why}`);
  }
  return parseScenario(text, file);
}

export interface ReplayFlags extends KernelFlags {
  readonly property: string;
  readonly semantics?: string;
}

/** `kernels` takes the place of `kernel`. */
export interface ReplayManyFlags extends ReplayFlags {
  readonly kernels?: readonly string[];
  readonly gitBisect?: boolean;
  readonly watch?: boolean;
}

/** Runs stored scenarios on a kernel, model and kernel side by side. */
export async function replay(
  files: readonly string[],
  flags: Omit<ReplayManyFlags, 'gitBisect'>,
): Promise<number> {
  const property = propertyOf(flags.property, withProposal(flags).semantics);
  const scenarios = files.map((file) => [file, readScenario(file)] as const);
  for (const [file, { mount }] of scenarios) {
    if (property.list === undefined && mount !== undefined) {
      throw new HarnessError('bad-input', `${file}: ${property.name} knows no other places`);
    }
  }
  if (flags.kernels !== undefined) {
    if (flags.watch === true) throw new HarnessError('bad-input', '--watch is for one kernel');
    return replayOnKernels(scenarios, flags.kernels, flags);
  }
  const signal = interruption();
  if (flags.watch !== true) return replayOnOne(scenarios, property, flags, signal);
  using build = await watchedBuild(flags, signal);
  const held = (await replayOnOne(scenarios, property, flags, signal)) === EXIT.holds;
  return await replayOnRebuilds(build, scenarios, { property, flags, signal, held });
}

async function replayOnOne(
  scenarios: readonly StoredScenario[],
  property: Property,
  flags: KernelFlags,
  signal: AbortSignal,
): Promise<number> {
  await using guest = await startOne(
    flags,
    scenarios.map(([, scenario]) => scenario),
    signal,
  );
  let differing = 0;
  for (const [file, scenario] of scenarios) {
    process.stdout.write(`${file} on ${guest.kernel.release} (${guest.backend})\n`);
    const checked = await checkOrTrouble(property, scenario, guest);
    if ('report' in checked) return tellTrouble(checked);
    process.stdout.write(`${sideBySide(scenario, checked)}\n`);
    if (checked.differences.length === 0) {
      process.stdout.write(`${agreement(property)}\n\n`);
      continue;
    }
    differing++;
    process.stdout.write(`\n${differencesText(checked)}\n\n`);
  }
  // A warning comes on the console, which is slower than the channel.
  const exit = await exitOf(guest, CONSOLE_WAIT_MS);
  if (isKernelTrouble(exit)) return tellTrouble(exit);
  return differing > 0 ? EXIT.differs : EXIT.holds;
}

function agreement({ name }: Property): string {
  return name === DEFAULT_PROPERTY ? 'model and kernel agree' : `${name} holds`;
}

function tellTrouble({ reason, report }: KernelTrouble): number {
  process.stdout.write(`kernel ${reason}:\n${report.trimEnd()}\n`);
  return EXIT.differs;
}

/** Makes a stored scenario minimal that differs; prints it. */
export async function shrinkFile(file: string, flags: ReplayFlags): Promise<number> {
  const property = propertyOf(flags.property, withProposal(flags).semantics);
  const scenario = readScenario(file);
  await using guest = await startOne(flags, [scenario], interruption());
  const signatureOn = async (candidate: Scenario): Promise<string | null> => {
    const { differences } = await property.check(candidate, guest.kernel);
    return signatureOf(candidate, differences);
  };
  const signature = await signatureOn(scenario);
  if (signature === null) {
    process.stderr.write(`${file}: ${agreement(property)}, there is nothing to shrink\n`);
    return EXIT.holds;
  }
  const shows = async (candidate: Scenario): Promise<boolean> =>
    (await signatureOn(candidate)) === signature;
  const limits = { evaluationsMax: SHRINK_EVALUATIONS_MAX, inFlight: IN_FLIGHT };
  const shrunk = await shrink(scenario, shows, limits, property.passes);
  process.stdout.write(`${JSON.stringify(shrunk.scenario, null, 1)}\n`);
  return EXIT.differs;
}
