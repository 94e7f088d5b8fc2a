import type { Command } from 'commander';
import { BASE_PROFILES } from '../../model/bases.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { simulate } from '../../model/simulate.ts';
import type { Property } from '../../properties/property.ts';
import { isOfVersion, knownDisagreement } from '../known-disagreement.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import { checkEntry, losesMachine } from '../lost-machine.ts';
import { gridText } from '../report/grid.ts';
import { EXIT, exitOfError, FIXTURES_DIR, interruption, propertyOf } from './context.ts';
import type { KernelFlags } from './context.ts';
import { exitWith, withMachine } from './flags.ts';
import { isGap, kernelList, runOnKernel } from './on-kernels.ts';
import type { KernelRun, Shown, Trial } from './on-kernels.ts';
import { shortReason } from './questions.ts';
import { readDisagreements } from './report-dir.ts';

interface KnownFlags extends Omit<KernelFlags, 'kernel'> {
  readonly kernels: readonly string[];
}

/** What became of a known disagreement; all but the first two say that the list is not true. */
const OUTCOMES = {
  known: 'known',
  none: '-',
  gone: 'GONE',
  new: 'NOT LISTED',
  other: 'DIFFERS OTHERWISE',
} as const;

export function addKnown(program: Command): void {
  withMachine(program.command('known'))
    .description('whether kernels still do what is known of them')
    .option('--kernels <LIST>', 'such as 5.10,6.1,host, or all', kernelList, kernelList('all'))
    .addHelpText(
      'after',
      `
GONE: a kernel that is listed does as it should; its entry in fixtures/disagreements is to go.
A kernel that gives no answer to an entry, or panics, is lost: such an entry is run in a VM of our
own only.
Example: ovlcheck known --kernels 6.1,6.12`,
    )
    .action(async (flags: KnownFlags) => {
      exitWith(await known(flags));
    });
}

async function known(flags: KnownFlags): Promise<number> {
  const entries = readDisagreements(FIXTURES_DIR);
  const signal = interruption();
  const columns: Map<KnownDisagreement, string>[] = [];
  const notRun: string[] = [];
  let status: number = EXIT.holds;
  for (const kernel of flags.kernels) {
    const column = new Map<KnownDisagreement, string>();
    for (const some of machinesFor(entries)) {
      const trial = trialOf(some);
      const run = await runOnKernel(kernel, trial, flags, signal);
      for (const [index, entry] of some.entries()) {
        const shown = isGap(run) ? undefined : run.shown[index];
        const text = isGap(run) ? shortReason(run.why) : outcomeOf(entry, run, shown);
        column.set(entry, text);
      }
      if (!isGap(run)) continue;
      if (status === EXIT.holds) status = exitOfError(run.why);
      notRun.push(`NOT RUN on ${kernel}: ${namesOf(some)}: ${run.why.message}\n`);
    }
    columns.push(column);
  }
  const rows = entries.map((entry) => [
    nameOf(entry.file),
    ...columns.map((column) => column.get(entry) ?? ''),
  ]);
  process.stdout.write(`${gridText([['', ...flags.kernels], ...rows])}\n`);
  process.stdout.write(notRun.join(''));
  const untrue = rows.flatMap((row) => row.slice(1)).filter(isUntrue);
  const holds = notRun.length === 0 ? 'the list is true' : 'what was run of the list is true';
  process.stdout.write(
    untrue.length === 0 ? `${holds}\n` : `${untrue.length} entries are not true\n`,
  );
  return untrue.length > 0 ? EXIT.differs : status;
}

function isUntrue(text: string): boolean {
  return text === OUTCOMES.gone || text === OUTCOMES.new || text === OUTCOMES.other;
}

/** One law at a time; of some entries that law does not wait for an answer that never comes. */
function trialOf(some: readonly KnownDisagreement[]): Trial {
  const [first] = some;
  const property = propertyOf(first?.property ?? '');
  const scenarios = some.map(({ scenario }) => scenario);
  if (first === undefined || !losesMachine(first)) return { scenarios, property };
  const check: Property['check'] = (scenario, kernel) =>
    checkEntry((...args) => property.check(...args), { ...first, scenario }, kernel);
  return { scenarios, property: { ...property, check } };
}

function namesOf(some: readonly KnownDisagreement[]): string {
  const [first, ...others] = some.map(({ file }) => nameOf(file));
  return others.length === 0 ? (first ?? '') : `${first} and ${others.length} more`;
}

function nameOf(file: string): string {
  return file.replace(/\.json$/, '');
}

/** One law at a time; apart what needs devices, and each entry that loses its machine. */
function machinesFor(
  entries: readonly KnownDisagreement[],
): readonly (readonly KnownDisagreement[])[] {
  return [
    ...Map.groupBy(entries, (entry) => {
      if (losesMachine(entry)) return entry.file;
      const { property, scenario } = entry;
      const { base, otherBases = [] } = scenario;
      const needsDevices = [base, ...otherBases].some((type) => BASE_PROFILES[type].isOnDevice);
      return `${property} ${needsDevices}`;
    }).values(),
  ];
}

function outcomeOf(
  entry: KnownDisagreement,
  { kernel }: KernelRun,
  shown: Shown | undefined,
): string {
  if (shown === undefined || 'trouble' in shown) return OUTCOMES.other;
  const { checked } = shown;
  const isListed = entry.kernels.some((prefix) => isOfVersion(kernel.release, prefix));
  if (checked.differences.length === 0) {
    // An older kernel of the same series may not have the option that it takes.
    return isListed && canMount(entry, kernel) ? OUTCOMES.gone : OUTCOMES.none;
  }
  if (!isListed) return OUTCOMES.new;
  const { property, scenario } = entry;
  const seen = { property, scenario, kernel, checked };
  return knownDisagreement([entry], seen) === undefined ? OUTCOMES.other : OUTCOMES.known;
}

/** Whether the model of a kernel takes the options of an entry. */
function canMount(
  { scenario }: KnownDisagreement,
  { release, environment }: KernelRun['kernel'],
): boolean {
  const [mount] = simulate(scenario, profileOfRelease(release), environment);
  return mount?.result.ok === true;
}
