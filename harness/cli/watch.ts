import { resolve } from 'node:path';
import type { Scenario } from '../../model/scenario.ts';
import type { Property } from '../../properties/property.ts';
import { watchBuild } from '../build-watch.ts';
import type { BuildWatch } from '../build-watch.ts';
import { HarnessError } from '../errors.ts';
import { resolveKernel } from '../kernels/resolve.ts';
import { CACHE_DIR } from './context.ts';
import type { KernelFlags } from './context.ts';
import { checkOrTrouble } from './on-kernels.ts';
import { startOne } from './start-one.ts';

/** A scenario, and what its file is called. */
export type StoredScenario = readonly [file: string, Scenario];

/** How they are run. */
export interface Replay {
  readonly property: Property;
  readonly flags: KernelFlags;
  readonly signal: AbortSignal;
}

/** What builds make of what these flags ask for, from now on. */
export async function watchedBuild(flags: KernelFlags, signal: AbortSignal): Promise<NamedBuild> {
  const files = await builtFiles(flags);
  const build = await watchBuild(files, signal);
  return { ...build, files };
}

export interface NamedBuild extends BuildWatch {
  readonly files: readonly string[];
}

/** Of a stock kernel nobody builds anything. */
async function builtFiles(flags: KernelFlags): Promise<readonly string[]> {
  const { kernel, backend, module, modules } = flags;
  const isBuilt = kernel?.includes('/') === true || kernel === '.';
  if (!isBuilt && module === undefined) {
    throw new HarnessError('bad-input', '--watch needs what is built: --module, or --kernel PATH');
  }
  const own = module === undefined ? [] : [resolve(module)];
  if (!isBuilt) return own;
  const image = await resolveKernel(kernel, {
    cacheDir: CACHE_DIR,
    ...(backend === undefined ? {} : { backend }),
    ...(modules === undefined ? {} : { modulesDir: modules }),
  });
  const overlay = own.length > 0 ? undefined : image.modules.get('overlay');
  return [image.imagePath, ...own, ...(overlay === undefined ? [] : [overlay])];
}

/**
 * Runs scenarios again whenever a build has made other files, a line for each, until told to stop;
 * so it never returns.
 */
export async function replayOnRebuilds(
  { files, rebuilt }: NamedBuild,
  scenarios: readonly StoredScenario[],
  { held, ...replay }: Replay & { readonly held: boolean },
): Promise<never> {
  const before = new Map<string, boolean>();
  process.stdout.write(`watching ${files.join(', ')}\n`);
  for (;;) {
    await rebuilt();
    for (const [file, scenario] of scenarios) {
      const startedMs = performance.now();
      const came = await outcomeOf(scenario, replay);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      const clock = new Date().toTimeString().slice(0, 8);
      const text = came.holds === null ? '' : outcomeText(before.get(file) ?? held, came.holds);
      if (came.holds !== null) before.set(file, came.holds);
      process.stdout.write(`${clock} ${file}: ${text}${came.text} (${seconds} s)\n`);
    }
  }
}

function outcomeText(heldBefore: boolean, holds: boolean): string {
  return [heldBefore === holds ? 'still' : 'now', holds ? 'holds' : 'differs'].join(' ');
}

interface Outcome {
  /** Null where it could not be told. */
  readonly holds: boolean | null;
  readonly text: string;
}

async function outcomeOf(
  scenario: Scenario,
  { property, flags, signal }: Replay,
): Promise<Outcome> {
  try {
    await using guest = await startOne(flags, [scenario], signal);
    const checked = await checkOrTrouble(property, scenario, guest);
    if ('report' in checked) return { holds: false, text: `: kernel ${checked.reason}` };
    const [difference] = checked.differences;
    if (difference === undefined) return { holds: true, text: '' };
    const { step, at, predicted, observed } = difference;
    const text = `: step ${step}, ${at}: model ${predicted}, kernel ${observed}`;
    return { holds: false, text };
  } catch (error) {
    if (!(error instanceof HarnessError) || signal.aborted) throw error;
    // A build may be broken; the next one need not be.
    return { holds: null, text: `cannot run: ${error.message.split('\n')[0] ?? ''}` };
  }
}
