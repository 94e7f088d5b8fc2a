import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RULES } from '../../model/rules.ts';
import type { Verdict } from '../campaign.ts';
import { HarnessError } from '../errors.ts';
import { resolveKernel } from '../kernels/resolve.ts';
import type { StoredCampaign } from '../report/campaign-record.ts';
import type { RunDocument } from '../report/document.ts';
import { reportFiles } from '../report/files.ts';
import { CACHE_DIR, EXIT, FIXTURES_DIR, interruption, tellOnStderr } from './context.ts';
import type { KernelFlags } from './context.ts';
import { finishedCell, runCell } from './matrix-cell.ts';
import type { Cell, CellPlace, CellSize, CellWorld } from './matrix-cell.ts';
import type { MountKind } from './matrix-suites.ts';
import { MatrixTable } from './matrix-table.ts';
import { makeFolder, readDisagreements, readTrace, writeWhole } from './report-dir.ts';

/** What a matrix is asked to do, kept so that it can go on. */
export interface MatrixPlan {
  readonly suite: string;
  readonly kernels: readonly string[];
  readonly kinds: readonly MountKind[];
  readonly size: CellSize;
}

export interface MatrixRun {
  readonly plan: MatrixPlan;
  readonly folder: string;
  readonly jobs: number;
  readonly isJson: boolean;
  readonly flags: Omit<KernelFlags, 'kernel'>;
}

const PLAN = 'matrix.json';

export function readPlan(folder: string): MatrixPlan {
  try {
    // Written by ourselves, in one piece.
    return JSON.parse(readFileSync(join(folder, PLAN), 'utf8')) as MatrixPlan;
  } catch {
    throw new HarnessError('bad-input', `${folder} holds no matrix to go on with`);
  }
}

/** Cells that are there already must be those of this matrix: they are not run again. */
function storePlan(plan: MatrixPlan, folder: string): void {
  const file = join(folder, PLAN);
  const text = `${JSON.stringify(plan)}\n`;
  if (existsSync(file) && readFileSync(file, 'utf8') !== text) {
    throw new HarnessError('bad-input', `${folder} holds another matrix; choose another --report`);
  }
  makeFolder(folder);
  writeWhole(file, text);
}

/** Releases of the kernels that can be had, in their order: which rows there are hangs on them. */
export async function releasesOf(
  kernels: readonly string[],
  { backend, mirror, modules }: Omit<KernelFlags, 'kernel'>,
): Promise<readonly string[]> {
  const options = {
    ...{ cacheDir: CACHE_DIR, note: tellOnStderr },
    ...(mirror === undefined ? {} : { mirror }),
    ...(modules === undefined ? {} : { modulesDir: modules }),
  };
  const releases: string[] = [];
  for (const kernel of kernels) {
    const own = backend ?? (kernel === 'host' ? 'namespace' : 'qemu');
    const image = await resolveKernel(kernel, { ...options, backend: own }).catch(
      (error: unknown) => {
        // Its cells will say why.
        if (error instanceof HarnessError) return null;
        throw error;
      },
    );
    if (image !== null) releases.push(image.release);
  }
  return releases;
}

/** Runs every cell that is not done yet, and prints the table. Returns the exit status. */
export async function runMatrix(run: MatrixRun): Promise<number> {
  const { plan, folder, jobs, isJson, flags } = run;
  storePlan(plan, folder);
  const table = new MatrixTable(plan.kernels, plan.kinds, { isSilent: isJson });
  const signal = interruption();
  const startedMs = performance.now();
  const world: CellWorld = {
    ...{ size: plan.size, flags, signal, known: readDisagreements(FIXTURES_DIR) },
    unknown: new Map(),
    progress: (place, scenarios) => {
      const { scenarios: all } = plan.size;
      table.running(place, all === null ? `${scenarios} ...` : `${scenarios}/${all}`);
    },
  };
  const cells: Cell[] = [];
  const queue = placesOf(plan, folder);
  const work = async (): Promise<void> => {
    for (let place = queue.shift(); place !== undefined; place = queue.shift()) {
      if (signal.aborted) return;
      const cell = finishedCell(place) ?? (await runNew(place, world, table));
      if (cell === null) return;
      cells.push(cell);
      table.finished(place, cell.text, aboutOf(cell));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  table.end();
  const minutes = (performance.now() - startedMs) / 60_000;
  return finish(run, cells, { table, minutes, isInterrupted: signal.aborted });
}

/** Kernel by kernel, so that what is cached of one is used while it is warm. */
function placesOf({ kernels, kinds }: MatrixPlan, folder: string): CellPlace[] {
  return kernels.flatMap((kernel) =>
    kinds.map((kind, index) => {
      const name = `${kernel.replaceAll(/[^\w.-]+/g, '-')}-${index + 1}`;
      return { kernel, kind, folder: join(folder, name) };
    }),
  );
}

/** Null when it was interrupted before there was anything to say. */
async function runNew(
  place: CellPlace,
  world: CellWorld,
  table: MatrixTable,
): Promise<Cell | null> {
  table.running(place, 'starts');
  try {
    return await runCell(place, world);
  } catch (error) {
    if (error instanceof HarnessError && world.signal.aborted) return null;
    throw error;
  }
}

function aboutOf({ campaign, trouble }: Cell): string {
  if (campaign === null) return trouble === null ? '' : ` (${trouble.split('\n', 1)[0] ?? ''})`;
  const [kernel] = campaign.result.kernels;
  if (kernel === undefined) return '';
  const seconds = Math.round(kernel.seconds);
  return ` (${kernel.scenarios} scenarios, ${kernel.steps} steps, ${seconds} s)`;
}

interface Finish {
  readonly table: MatrixTable;
  readonly minutes: number;
  readonly isInterrupted: boolean;
}

function finish(
  { plan, folder, isJson }: MatrixRun,
  cells: readonly Cell[],
  { table, minutes, isInterrupted }: Finish,
): number {
  const campaigns = cells.flatMap(({ campaign }) => campaign ?? []);
  const document = documentOf(plan, cells, isInterrupted);
  const text = table.text();
  writeWhole(join(folder, 'table.txt'), `${text}\n`);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(document, null, 1)}\n`);
  for (const [name, content] of Object.entries(reportFiles(campaigns, readTrace))) {
    writeWhole(join(folder, name), content);
  }
  const shown = isJson
    ? JSON.stringify(document, null, 1)
    : summaryOf(document, { text, minutes, folder, cells });
  process.stdout.write(`${shown}\n`);
  if (isInterrupted) return EXIT.interrupted;
  if (document.verdict === 'differs' || document.verdict === 'kernel-finding') return EXIT.differs;
  if (document.verdict === 'holds') return EXIT.holds;
  return campaigns.length === 0 ? EXIT.machine : EXIT.inconclusive;
}

const WORST_FIRST: readonly Verdict[] = ['differs', 'kernel-finding', 'inconclusive'];

/** The document of `run --json`, with an element of `kernels` for each cell that ran. */
function documentOf(
  { size }: MatrixPlan,
  cells: readonly Cell[],
  isInterrupted: boolean,
): RunDocument {
  const campaigns = cells.flatMap(({ campaign }) => campaign ?? []);
  const verdicts = new Set(campaigns.map(({ result }) => result.verdict));
  // A cell that had trouble of ours is no answer; one whose kernel cannot do it says so.
  const hasTrouble = cells.some(({ campaign, isLacking }) => campaign === null && !isLacking);
  if (campaigns.length === 0 || hasTrouble) verdicts.add('inconclusive');
  return {
    verdict: WORST_FIRST.find((verdict) => verdicts.has(verdict)) ?? 'holds',
    isInterrupted,
    trouble: cells.find(({ trouble }) => trouble !== null)?.trouble ?? null,
    kernels: campaigns.flatMap(({ result }) => result.kernels),
    seed: size.seed,
    rules: { total: Object.keys(RULES).length, reached: rulesIn(campaigns).size },
    boot: null,
    firstCheckedStepMs: null,
    findings: campaigns.flatMap(({ result }) => result.findings),
  };
}

function rulesIn(campaigns: readonly StoredCampaign[]): ReadonlySet<string> {
  return new Set(campaigns.flatMap(({ record }) => Object.keys(record.tally.rules)));
}

interface Summary {
  readonly text: string;
  readonly minutes: number;
  readonly folder: string;
  readonly cells: readonly Cell[];
}

function summaryOf(
  { verdict, kernels, findings, rules, isInterrupted }: RunDocument,
  { text, minutes, folder, cells }: Summary,
): string {
  const causes = Map.groupBy(findings, ({ cause }) => cause);
  const lines = [...causes].map(([cause, same]) => {
    const where = [...new Set(same.map(({ kernel }) => kernel))].join(', ');
    return `${cause}\n  ${where}: ${same[0]?.file ?? ''}`;
  });
  const scenarios = kernels.reduce((sum, kernel) => sum + kernel.scenarios, 0);
  const steps = kernels.reduce((sum, kernel) => sum + kernel.steps, 0);
  const troubles = cells.flatMap(({ kernel, trouble }) =>
    trouble === null ? [] : [`${kernel}: ${trouble.split('\n', 1)[0] ?? ''}`],
  );
  return [
    text,
    '',
    ...(lines.length === 0
      ? []
      : [`${lines.length} ${lines.length === 1 ? 'cause' : 'causes'}:`, ...lines, '']),
    ...new Set(troubles),
    `${cells.length} cells, ${scenarios} scenarios, ${steps} steps in ${minutes.toFixed(1)} min, ` +
      `${rules.reached} of ${rules.total} rules reached`,
    `report in ${folder}`,
    ...(isInterrupted ? [`interrupted; go on with: npx ovlcheck matrix --resume ${folder}`] : []),
    `verdict: ${verdict}`,
  ].join('\n');
}
