import { join } from 'node:path';
import { BASE_PROFILES } from '../../model/bases.ts';
import type { Difference } from '../../model/observation.ts';
import { DEFAULT_PROPERTY } from '../../properties/index.ts';
import { playedBy } from '../../properties/model-kernel.ts';
import { HarnessError } from '../errors.ts';
import type { HarnessReason } from '../errors.ts';
import { servesNfs } from '../nfs-recipes.ts';
import { isProposal, proposalFor } from '../mutants/patches.ts';
import type { QuestionsDocument } from '../report/comparison-documents.ts';
import { gridText } from '../report/grid.ts';
import { answerOf } from '../suite-answer.ts';
import type { Suite, SuiteRow } from '../suite.ts';
import { EXIT, exitOfError, interruption, propertyOf } from './context.ts';
import type { KernelFlags } from './context.ts';
import { isGap, runOnKernel } from './on-kernels.ts';
import type { Shown } from './on-kernels.ts';
import { makeFolder, writeWhole } from './report-dir.ts';

export interface QuestionFlags extends Omit<KernelFlags, 'kernel'> {
  readonly kernels: readonly string[];
  readonly json?: boolean;
}

/** What a kernel answers to one question. */
interface Cell {
  readonly kernel: string;
  readonly release: string | null;
  /** Such as `EIO`; or why there is none. */
  readonly answer: string;
  /** Whether the whole scenario went as the law says; null where nothing could be asked. */
  readonly agrees: boolean | null;
  readonly differences: readonly Difference[];
}

/** Asks each kernel every question of a suite, and prints a table. Returns the exit status. */
export async function askQuestions(
  suite: Suite,
  folder: string,
  flags: QuestionFlags,
): Promise<number> {
  const signal = interruption();
  const columns: (readonly Cell[])[] = [];
  const gaps: HarnessError[] = [];
  for (const kernel of flags.kernels) {
    if (isProposal(kernel)) {
      columns.push(await Promise.all(suite.rows.map((row) => proposedCell(kernel, row))));
      continue;
    }
    const cells = new Map<SuiteRow, Cell>();
    for (const rows of machinesFor(suite.rows)) {
      const gap = await askMachine(kernel, rows, { flags, signal, cells });
      if (gap !== null) gaps.push(gap);
    }
    columns.push(suite.rows.flatMap((row) => cells.get(row) ?? []));
  }
  const text = tableText(suite, flags.kernels, columns);
  const document = documentOf(suite, columns);
  makeFolder(folder);
  writeWhole(join(folder, 'table.txt'), `${text}\n`);
  writeWhole(join(folder, 'result.json'), `${JSON.stringify(document, null, 1)}\n`);
  const shown = flags.json === true ? JSON.stringify(document, null, 1) : text;
  process.stdout.write(`${shown}\n`);
  const all = columns.flat();
  if (all.some(({ agrees }) => agrees === false)) return EXIT.differs;
  // That a kernel cannot do a thing is an answer; that we could not ask it is none.
  const trouble = gaps.find(({ reason }) => !CANNOT.has(reason));
  if (trouble !== undefined) return exitOfError(trouble);
  if (all.some(({ agrees }) => agrees === true) || gaps[0] === undefined) return EXIT.holds;
  return exitOfError(gaps[0]);
}

const CANNOT: ReadonlySet<HarnessReason> = new Set<HarnessReason>([
  ...(['unfit-kernel', 'no-such-kernel'] as const),
]);

/** Rows that one machine can answer: a kernel that lacks a file system may do for the others. */
function machinesFor(rows: readonly SuiteRow[]): readonly (readonly SuiteRow[])[] {
  return [
    ...Map.groupBy(rows, ({ scenario, property = DEFAULT_PROPERTY }) => {
      const bases = [scenario.base, ...(scenario.otherBases ?? [])];
      const onDevices = bases.filter((base) => BASE_PROFILES[base].isOnDevice);
      const server = servesNfs(scenario) ? ['nfs'] : [];
      return [property, ...new Set(onDevices), ...server].join(' ');
    }).values(),
  ];
}

interface Asking {
  readonly flags: QuestionFlags;
  readonly signal: AbortSignal;
  readonly cells: Map<SuiteRow, Cell>;
}

/** What kept a kernel from answering; null when it answered. */
async function askMachine(
  kernel: string,
  rows: readonly SuiteRow[],
  { flags, signal, cells }: Asking,
): Promise<HarnessError | null> {
  const [{ property } = { property: undefined }] = rows;
  const trial = {
    scenarios: rows.map(({ scenario }) => scenario),
    property: propertyOf(property ?? DEFAULT_PROPERTY, proposalFor(kernel)),
  };
  const run = await runOnKernel(kernel, trial, flags, signal);
  for (const [index, row] of rows.entries()) {
    if (isGap(run)) {
      const answer = shortReason(run.why);
      cells.set(row, { kernel, release: null, answer, agrees: null, differences: [] });
      continue;
    }
    const shown = run.shown[index];
    if (shown === undefined) throw new HarnessError('trouble', `${kernel}: nothing came back`);
    const { release } = run.kernel;
    cells.set(row, { kernel, release, ...outcomeOf(row, shown) });
  }
  return isGap(run) ? run.why : null;
}

function outcomeOf(row: SuiteRow, shown: Shown): Pick<Cell, 'answer' | 'agrees' | 'differences'> {
  if ('trouble' in shown) return { answer: shown.trouble.reason, agrees: false, differences: [] };
  const { observed, differences } = shown.checked;
  const answer = answerOf(row.scenario, observed, row);
  return { answer, agrees: differences.length === 0, differences };
}

/** Of a proposal that no kernel has the model says what it comes to. */
async function proposedCell(proposal: string, row: SuiteRow): Promise<Cell> {
  const observed = await playedBy(proposal, proposal).run(row.scenario);
  const answer = answerOf(row.scenario, observed, row);
  return { kernel: proposal, release: null, answer, agrees: null, differences: [] };
}

/** A cell has room for a few words: `no erofs` rather than which option is not set. */
export function shortReason({ reason, message }: HarnessError): string {
  const lacking = /\((\w+)\)$/.exec(message)?.[1];
  if (reason === 'unfit-kernel' && lacking !== undefined) return `no ${lacking}`;
  return reason === 'no-such-kernel' ? 'no such kernel' : reason;
}

/** An answer that is not what the kernel's own model says, or that a law forbids. */
const WRONG = ' !';

function tableText(
  { title, rows }: Suite,
  kernels: readonly string[],
  columns: readonly (readonly Cell[])[],
): string {
  const lines = rows.map(({ question }, index) => [
    question,
    ...columns.map((cells) => {
      const cell = cells[index];
      return cell === undefined ? '' : cell.answer + (cell.agrees === false ? WRONG : '');
    }),
  ]);
  const releases = columns.map((cells, index) => {
    const release = cells.find((cell) => cell.release !== null)?.release;
    const kernel = kernels[index] ?? '';
    return isProposal(kernel) ? `${kernel}: the model` : `${kernel}: ${release ?? 'not here'}`;
  });
  const wrong = columns.flat().filter(({ agrees }) => agrees === false).length;
  const asked = columns.flat().filter(({ agrees }) => agrees !== null).length;
  const verdict =
    wrong === 0
      ? `${asked} answers, each as the model of its kernel says`
      : `${asked} answers; ${wrong} with ! are not what the model of their kernel says`;
  return [
    title,
    '',
    gridText([['', ...kernels], ...lines]),
    '',
    verdict,
    `kernels: ${releases.join(', ')}`,
  ].join('\n');
}

function documentOf(
  { title, rows }: Suite,
  columns: readonly (readonly Cell[])[],
): QuestionsDocument {
  const cells = columns.flat();
  return {
    verdict: cells.some(({ agrees }) => agrees === false) ? 'differs' : 'holds',
    title,
    rows: rows.map(({ question, file }, index) => ({
      question,
      scenario: file,
      cells: columns.flatMap((column) => column[index] ?? []),
    })),
  };
}
