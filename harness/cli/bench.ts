import { lockstep } from '../../properties/lockstep.ts';
import { modelKernel } from '../../properties/model-kernel.ts';
import { PLANTED_BUGS } from '../../properties/planted-bugs.ts';
import { signatureOf } from '../../properties/property.ts';
import { shrink } from '../../properties/shrink.ts';
import { DEFAULT_OPTIONS, scenarioAt } from '../../properties/scenarios.ts';
import { withEpilogue } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { simulate } from '../../model/simulate.ts';
import { askGuest } from '../ask-guest.ts';
import { BACKENDS } from '../backends/index.ts';
import { connectKernel } from '../connect-kernel.ts';
import { encode } from '../encode.ts';
import type { BenchDocument } from '../report/document.ts';
import { prepareGuests } from '../start-guest.ts';
import type { OpenMachine } from '../start-guest.ts';
import { measureStart } from './bench-start.ts';
import type { Start } from './bench-start.ts';
import { CACHE_DIR, EXIT, interruption, tellOnStderr } from './context.ts';
import type { KernelFlags } from './context.ts';

const SEED = 1;
const WISHES = { options: DEFAULT_OPTIONS, stepCount: 30 };
const SHRINK_RELEASE = '6.12.0';
const SHRINK_EVALUATIONS_MAX = 5000;
const SCENARIOS = { qemu: 60, uml: 200, namespace: 600 } as const;
const IN_FLIGHT = 4;
const TIMEOUT_MS = 120_000;

interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

interface BackendFigures {
  readonly backend: string;
  readonly release: string;
  readonly rawStepsPerSecond: Spread;
  readonly checkedStepsPerSecond: Spread;
  /** Checked by raw, each round by itself. */
  readonly ratio: Spread;
  /** From the command to the first checked step, as it is when nothing is new. */
  readonly firstCheckedStepMs: number;
  readonly how: Start['boot']['how'];
  /** A cold boot, from the start of the machine to its hello. */
  readonly bootMs: number;
  /** Its part until the kernel starts init. */
  readonly kernelBootMs: number;
  /** From the command to the first checked step of that boot. */
  readonly coldFirstCheckedStepMs: number;
  readonly modelStepsPerSecond: number;
  /** From a scenario that was found to the minimal one, over some planted bugs. */
  readonly shrinkMs: Spread;
}

/** Bugs that are found soon, as finding them is not what is measured. */
const SHRUNK_BUGS = [
  ...['unlink-forgets-whiteout', 'rename-forgets-whiteout', 'rmdir-removes-non-empty'],
  ...['link-keeps-nlink', 'chown-changes-mtime', 'utimens-changes-ino'],
  ...['open-truncates-nothing', 'write-keeps-mtime', 'listing-loses-a-name'],
];
const SCENARIOS_UNTIL_FOUND_MAX = 1000;

/**
 * Raw is the executor with the same programs and nobody who reads what comes back; checked is all
 * that `run` does. Rounds alternate on one machine, since the speed of a host drifts.
 */
export async function bench(
  flags: KernelFlags & { readonly rounds: number; readonly json?: boolean },
): Promise<number> {
  const figures: BackendFigures[] = [];
  const shrinkMs = await measureShrinking();
  for (const backend of Object.values(BACKENDS)) {
    if (flags.backend !== undefined && flags.backend !== backend.name) continue;
    const why = await backend.unavailable();
    if (why !== null) {
      tellOnStderr(`${backend.name}: ${why}`);
      continue;
    }
    const measured = { ...(await measure(backend.name, flags)), shrinkMs };
    figures.push(measured);
    if (flags.json !== true) process.stdout.write(`${figuresText(measured)}\n`);
  }
  const document: BenchDocument = figures;
  if (flags.json === true) process.stdout.write(`${JSON.stringify(document, null, 1)}\n`);
  return figures.length > 0 ? EXIT.holds : EXIT.machine;
}

async function measure(
  backend: keyof typeof SCENARIOS,
  flags: KernelFlags & { readonly rounds: number },
): Promise<Omit<BackendFigures, 'shrinkMs'>> {
  // A kernel that is asked for is the named backend's, and QEMU's when none is named.
  const isMeant = backend === (flags.backend ?? 'qemu');
  const wish = {
    kernel: isMeant ? flags.kernel : undefined,
    backend,
    modulesDir: flags.modules,
    mirror: flags.mirror,
    coldBoot: flags.coldBoot === true,
    cacheDir: CACHE_DIR,
    note: tellOnStderr,
  };
  const source = await prepareGuests(wish);
  const opened = await source.open(interruption());
  await using machine = opened.machine;
  const scenarios = Array.from({ length: SCENARIOS[backend] }, (_, index) =>
    scenarioAt(SEED, index, WISHES),
  );
  const steps = scenarios.reduce((sum, scenario) => sum + scenario.steps.length + 2, 0);
  const checked = await checkerOf(opened);
  const { setsClock } = await askGuest((program) => opened.connection.execute(program));
  const programs = scenarios.map(
    (scenario) => encode(withEpilogue(scenario), { setsClock }).program,
  );
  const raw: number[] = [];
  const all: number[] = [];
  const rate = async (work: () => Promise<void>): Promise<number> => {
    const from = performance.now();
    await work();
    return steps / ((performance.now() - from) / 1000);
  };
  const cold: Start[] = [];
  const usual: Start[] = [];
  for (let round = 0; round < flags.rounds; round++) {
    cold.push(await measureStart(wish, { isCold: true }));
    usual.push(await measureStart(wish, { isCold: wish.coldBoot }));
    raw.push(
      await rate(() =>
        inFlight(programs, async (program) => {
          await opened.connection.execute(program);
        }),
      ),
    );
    all.push(await rate(() => checked(scenarios)));
  }
  return {
    backend: machine.backend,
    release: opened.connection.release,
    rawStepsPerSecond: spreadOf(raw),
    checkedStepsPerSecond: spreadOf(all),
    ratio: spreadOf(all.map((value, index) => value / (raw[index] ?? value))),
    ...startFigures(cold, usual),
    modelStepsPerSecond: modelRate(scenarios, opened.connection.release, steps),
  };
}

function startFigures(
  cold: readonly Start[],
  usual: readonly Start[],
): Pick<
  BackendFigures,
  'how' | 'firstCheckedStepMs' | 'bootMs' | 'kernelBootMs' | 'coldFirstCheckedStepMs'
> {
  const median = (starts: readonly Start[], of: (start: Start) => number): number =>
    spreadOf(starts.map(of)).median;
  return {
    how: usual.at(-1)?.boot.how ?? 'cold',
    firstCheckedStepMs: median(usual, (start) => start.firstCheckedStepMs),
    bootMs: median(cold, ({ boot }) => boot.bootMs),
    kernelBootMs: median(cold, ({ boot }) => boot.kernelBootMs ?? boot.bootMs),
    coldFirstCheckedStepMs: median(cold, (start) => start.firstCheckedStepMs),
  };
}

async function checkerOf({
  connection,
}: OpenMachine): Promise<(scenarios: readonly Scenario[]) => Promise<void>> {
  const kernel = await connectKernel(connection, { timeoutMs: TIMEOUT_MS });
  return (scenarios) =>
    inFlight(scenarios, async (scenario) => {
      await lockstep.check(scenario, kernel);
    });
}

/** Works through a list with a few items on their way at a time. */
async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) await work(item);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
}

/** A model with a bug plays the kernel, so that this is the time of the search alone. */
async function measureShrinking(): Promise<Spread> {
  const spent: number[] = [];
  for (const name of SHRUNK_BUGS) {
    const bug = PLANTED_BUGS[name];
    if (bug === undefined) throw new RangeError(`no planted bug ${name}`);
    const kernel = modelKernel(SHRINK_RELEASE, bug.ops);
    const signatureOn = async (scenario: Scenario): Promise<string | null> => {
      const { differences } = await lockstep.check(scenario, kernel);
      return signatureOf(scenario, differences);
    };
    for (let index = 0; index < SCENARIOS_UNTIL_FOUND_MAX; index++) {
      const scenario = scenarioAt(SEED, index, WISHES);
      const signature = await signatureOn(scenario);
      if (signature === null) continue;
      const from = performance.now();
      const shows = async (candidate: Scenario): Promise<boolean> =>
        (await signatureOn(candidate)) === signature;
      await shrink(scenario, shows, { evaluationsMax: SHRINK_EVALUATIONS_MAX, inFlight: 1 });
      spent.push(performance.now() - from);
      break;
    }
  }
  return spreadOf(spent);
}

function modelRate(scenarios: readonly Scenario[], release: string, steps: number): number {
  const semantics = profileOfRelease(release);
  const from = performance.now();
  for (const scenario of scenarios) simulate(withEpilogue(scenario), semantics, USUAL_ENVIRONMENT);
  return steps / ((performance.now() - from) / 1000);
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? 0;
  return {
    min: at(0),
    median: at(Math.floor(sorted.length / 2)),
    max: at(sorted.length - 1),
  };
}

function figuresText(figures: BackendFigures): string {
  const { rawStepsPerSecond: raw, checkedStepsPerSecond: checked, ratio } = figures;
  const { how, firstCheckedStepMs, coldFirstCheckedStepMs, bootMs, kernelBootMs } = figures;
  const spread = ({ min, median, max }: Spread, digits: number): string =>
    `${median.toFixed(digits)} (${min.toFixed(digits)} to ${max.toFixed(digits)})`;
  const rows: readonly (readonly [what: string, text: string])[] = [
    ['raw steps/s', spread(raw, 0)],
    ['checked steps/s', spread(checked, 0)],
    ['checked/raw', spread(ratio, 2)],
    ['first checked', `${ms(firstCheckedStepMs)} after the command (${how})`],
    ['  booted cold', `${ms(coldFirstCheckedStepMs)} after the command`],
    ['cold boot', `${ms(bootMs)}, of which ${ms(kernelBootMs)} are the kernel's own`],
    ['model alone', `${figures.modelStepsPerSecond.toFixed(0)} steps/s`],
    ['shrinking', `${spread(figures.shrinkMs, 0)} ms for a planted bug`],
  ];
  const lines = rows.map(([what, text]) => `  ${what.padEnd(17)}${text}`);
  return [`${figures.backend}, ${figures.release}`, ...lines].join('\n');
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
