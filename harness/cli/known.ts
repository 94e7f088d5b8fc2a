import type { Command } from 'commander';
import { BASE_PROFILES } from '../../model/bases.ts';
import { isOfVersion, knownDisagreement } from '../known-disagreement.ts';
import type { KnownDisagreement } from '../known-disagreement.ts';
import { gridText } from '../report/grid.ts';
import { EXIT, exitOfError, FIXTURES_DIR, interruption, propertyOf } from './context.ts';
import type { KernelFlags } from './context.ts';
import { exitWith, withMachine } from './flags.ts';
import { isGap, kernelList, runOnKernel } from './on-kernels.ts';
import type { KernelRun, Shown } from './on-kernels.ts';
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
  let status: number = EXIT.holds;
  for (const kernel of flags.kernels) {
    const column = new Map<KnownDisagreement, string>();
    for (const some of machinesFor(entries)) {
      const trial = {
        scenarios: some.map(({ scenario }) => scenario),
        property: propertyOf(some[0]?.property ?? ''),
      };
      const run = await runOnKernel(kernel, trial, flags, signal);
      for (const [index, entry] of some.entries()) {
        const shown = isGap(run) ? undefined : run.shown[index];
        const text = isGap(run) ? shortReason(run.why) : outcomeOf(entry, run, shown);
        column.set(entry, text);
      }
      if (isGap(run) && status === EXIT.holds) status = exitOfError(run.why);
    }
    columns.push(column);
  }
  const rows = entries.map((entry) => [
    entry.file.replace(/\.json$/, ''),
    ...columns.map((column) => column.get(entry) ?? ''),
  ]);
  process.stdout.write(`${gridText([['', ...flags.kernels], ...rows])}\n`);
  const untrue = rows.flatMap((row) => row.slice(1)).filter(isUntrue);
  process.stdout.write(
    untrue.length === 0 ? 'the list is true\n' : `${untrue.length} entries are not true\n`,
  );
  return untrue.length > 0 ? EXIT.differs : status;
}

function isUntrue(text: string): boolean {
  return text === OUTCOMES.gone || text === OUTCOMES.new || text === OUTCOMES.other;
}

/** One law at a time, and what needs devices apart from what does not. */
function machinesFor(
  entries: readonly KnownDisagreement[],
): readonly (readonly KnownDisagreement[])[] {
  return [
    ...Map.groupBy(entries, ({ property, scenario: { base, otherBases = [] } }) => {
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
  if (checked.differences.length === 0) return isListed ? OUTCOMES.gone : OUTCOMES.none;
  if (!isListed) return OUTCOMES.new;
  const { property, scenario } = entry;
  const seen = { property, scenario, kernel, checked };
  return knownDisagreement([entry], seen) === undefined ? OUTCOMES.other : OUTCOMES.known;
}
