import type { Command } from 'commander';
import { printStep } from '../../model/print-step.ts';
import type { Difference } from '../../model/observation.ts';
import { withEpilogue } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { KERNELS } from '../../model/semantics/kernels.ts';
import { resolveProfile } from '../../model/semantics/resolve.ts';
import type { Semantics } from '../../model/semantics/semantics.ts';
import { differencesFrom, keyOf } from '../../properties/agreement.ts';
import { lockstepWith } from '../../properties/lockstep.ts';
import { findChanges } from '../bisection.ts';
import type { Bisection } from '../bisection.ts';
import { HarnessError } from '../errors.ts';
import { seriesIn } from '../kernels/candidates.ts';
import { listKernels } from '../kernels/resolve.ts';
import { compareVersions } from '../kernels/versions.ts';
import type { BisectDocument } from '../report/comparison-documents.ts';
import { observedCells } from '../report/columns.ts';
import { CACHE_DIR, EXIT, interruption, semanticsOf, tellOnStderr } from './context.ts';
import type { KernelFlags } from './context.ts';
import { exitWith, withMachine } from './flags.ts';
import { isGap, kernelList, runOnKernel } from './on-kernels.ts';
import { readScenario } from './replay.ts';

interface BisectFlags extends Omit<KernelFlags, 'kernel'> {
  readonly kernels?: readonly string[];
  readonly releases?: boolean;
  readonly all?: boolean;
  readonly as?: string;
  readonly json?: boolean;
}

export function addBisect(program: Command): void {
  withMachine(program.command('bisect <FILE>'))
    .description('between which kernels what a scenario shows changed')
    .option('--kernels <LIST>', "5.10,6.1,host, or all (else each series of Debian's)", kernelList)
    .option('--releases', "every point release of Debian's instead of each series")
    .option('--all', 'ask every kernel of a long list, too')
    .option('--as <NAME>', 'semantics that kernels are held against (else the newest there are)')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .addHelpText(
      'after',
      `
Status 1: some kernel differs from the reference.
Example: ovlcheck bisect --kernels 5.10,6.1,6.12,7.3 finding-1.json`,
    )
    .action(async (file: string, flags: BisectFlags) => {
      exitWith(await bisect(file, flags));
    });
}

/** What one kernel did, next to the reference. */
interface Asked {
  readonly asked: string;
  readonly release: string | null;
  readonly differences: readonly Difference[];
  /** What the steps returned. */
  readonly cells: readonly (string | null)[];
  /** Why it could not be asked, or what broke it. */
  readonly trouble: string | null;
}

async function bisect(file: string, flags: BisectFlags): Promise<number> {
  const scenario = readScenario(file);
  const reference = flags.as === undefined ? newestProfile() : semanticsOf(flags.as);
  const kernels = flags.kernels ?? (await kernelsOfArchive(flags));
  const signal = interruption();
  const rows = new Map<string, Asked>();
  const bisection = await findChanges(
    kernels,
    async (asked) => {
      const row = await askOne(asked, scenario, { reference, flags, signal });
      rows.set(asked, row);
      tellOnStderr(`${asked}: ${outcomeOf(row, reference)}`);
      return row.release === null ? null : (row.trouble ?? keyOf(row.differences));
    },
    { isComplete: flags.all === true },
  );
  const inOrder = bisection.answers.flatMap(([asked]) => rows.get(asked) ?? []);
  const verdict = verdictOf(inOrder, bisection, reference);
  const text =
    flags.json === true
      ? JSON.stringify(documentOf(inOrder, bisection, reference), null, 1)
      : `${tableText(scenario, inOrder, reference)}\n\n${verdict.join('\n')}`;
  process.stdout.write(`${text}\n`);
  if (inOrder.some(isDifferent)) return EXIT.differs;
  return inOrder.some(({ release }) => release !== null) ? EXIT.holds : EXIT.inconclusive;
}

async function askOne(
  asked: string,
  scenario: Scenario,
  {
    reference,
    flags,
    signal,
  }: { readonly reference: Semantics; readonly flags: BisectFlags; readonly signal: AbortSignal },
): Promise<Asked> {
  const trial = {
    scenarios: [scenario],
    property: lockstepWith(() => reference),
    isForeign: true,
  };
  const run = await runOnKernel(asked, trial, flags, signal);
  if (isGap(run)) {
    return { asked, release: null, differences: [], cells: [], trouble: run.why.message };
  }
  const [shown] = run.shown;
  const { release } = run.kernel;
  if (shown === undefined) throw new HarnessError('trouble', `${asked}: nothing came back`);
  if ('trouble' in shown) {
    return { asked, release, differences: [], cells: [], trouble: shown.trouble.reason };
  }
  const { observed } = shown.checked;
  const differences = differencesFrom(reference, scenario, { kernel: run.kernel, observed });
  const cells = observedCells(scenario, observed);
  return { asked, release, differences, cells, trouble: null };
}

function newestProfile(): Semantics {
  return resolveProfile(KERNELS.at(-1)?.id ?? KERNELS[0].id);
}

/** Oldest first. */
async function kernelsOfArchive(flags: BisectFlags): Promise<readonly string[]> {
  const { mirror, backend } = flags;
  const from = mirror === undefined ? {} : { mirror };
  const { available, cached } = await listKernels({ cacheDir: CACHE_DIR, ...from });
  const kind = backend === 'uml' ? 'uml' : 'vm';
  const all = [...available, ...cached].filter((each) => each.kind === kind);
  if (flags.releases !== true) return seriesIn(all);
  return [...new Set(all.map(({ version }) => version))].sort(compareVersions);
}

function isDifferent({ release, differences, trouble }: Asked): boolean {
  return release !== null && (differences.length > 0 || trouble !== null);
}

function outcomeOf(row: Asked, reference: Semantics): string {
  if (row.release === null) return `not asked: ${row.trouble ?? ''}`;
  if (row.trouble !== null) return `kernel ${row.trouble}`;
  return isDifferent(row) ? `differs from ${reference.id}` : `as ${reference.id}`;
}

/** Each kernel with what it returned at the step in which one differs first, and how. */
function tableText(scenario: Scenario, rows: readonly Asked[], reference: Semantics): string {
  const steps = rows.flatMap(({ differences }) => differences[0]?.step ?? []);
  const at = steps.length === 0 ? null : Math.min(...steps);
  const step = at === null ? undefined : withEpilogue(scenario).steps[at - 1];
  const call = at === null ? '' : `step ${at}: ${step === undefined ? 'mount' : printStep(step)}`;
  const lines = rows.map((row) => {
    const first = row.differences[0];
    const result = at === null ? '' : (row.cells[at] ?? '');
    const how =
      first === undefined || first.at === 'result'
        ? ''
        : `${first.step === at ? '' : `step ${first.step}: `}${first.at}: ${first.observed}` +
          ` instead of ${first.predicted}`;
    const name = row.release ?? '';
    return [row.asked, name, outcomeOf(row, reference), result, how];
  });
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...lines.map((line) => (line[column] ?? '').length)),
  );
  const table = lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...(call === '' ? [] : [call, '']), ...table].join('\n');
}

function verdictOf(
  rows: readonly Asked[],
  { changes }: Bisection<string>,
  { id }: Semantics,
): readonly string[] {
  const asked = rows.filter(({ release }) => release !== null);
  const differing = asked.filter(isDifferent);
  const [first] = differing;
  const last = differing.at(-1);
  if (asked.length === 0) return ['no kernel could be asked'];
  if (first === undefined || last === undefined) return [`every kernel does as ${id} says`];
  const whole = differing.length === asked.length;
  const extent = whole
    ? `all kernels differ from ${id}`
    : `first to differ from ${id}: ${first.asked}; last: ${last.asked}`;
  const outcome = (name: string): string => {
    const row = rows.find((each) => each.asked === name);
    return row !== undefined && isDifferent(row) ? 'differs' : `as ${id}`;
  };
  return [
    extent,
    ...changes.map(([before, after]) => {
      const [was, is] = [outcome(before), outcome(after)];
      const how = was === is ? 'differs in another way' : is;
      return `changed between ${before} (${was}) and ${after} (${how})`;
    }),
  ];
}

function documentOf(
  rows: readonly Asked[],
  { changes }: Bisection<string>,
  { id }: Semantics,
): BisectDocument {
  const differing = rows.filter(isDifferent);
  return {
    verdict: differing.length > 0 ? 'differs' : 'holds',
    reference: id,
    kernels: rows.map((row) => ({
      asked: row.asked,
      release: row.release,
      differs: row.release === null ? null : isDifferent(row),
      differences: row.differences,
      trouble: row.trouble,
    })),
    first: differing[0]?.asked ?? null,
    last: differing.at(-1)?.asked ?? null,
    changes,
  };
}
