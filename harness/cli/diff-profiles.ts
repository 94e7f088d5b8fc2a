import { join } from 'node:path';
import type { Command } from 'commander';
import { withEpilogue } from '../../model/scenario.ts';
import { answersOf } from '../../model/semantics/questions.ts';
import type { Answers } from '../../model/semantics/questions.ts';
import type { Semantics } from '../../model/semantics/semantics.ts';
import { ANY_BASE } from '../../properties/bases.ts';
import { ANY_OPTIONS } from '../../properties/options.ts';
import { diffProfiles } from '../../properties/profile-diff.ts';
import type { Counterexample, ProfileDiff } from '../../properties/profile-diff.ts';
import type { DiffProfilesDocument } from '../report/comparison-documents.ts';
import { columnsText, predictedCells } from '../report/columns.ts';
import { differencesText, setUpText } from '../report/text.ts';
import { checkOptions } from '../scenario-file.ts';
import { EXIT, interruption, REPORTS_DIR, semanticsOf, wholeNumber } from './context.ts';
import { checkBase, exitWith } from './flags.ts';
import { makeFolder, writeWhole } from './report-dir.ts';

interface DiffFlags {
  readonly options: string;
  readonly base: string;
  readonly scenarios: number;
  readonly steps: number;
  readonly seed: number;
  readonly limit: number;
  readonly report?: string;
  readonly json?: boolean;
}

const DEFAULTS = { scenarios: 1000, steps: 30, seed: 1, limit: 5 } as const;
const SHRINK_EVALUATIONS_MAX = 2000;

export function addDiffProfiles(program: Command): void {
  program
    .command('diff-profiles <A> <B>')
    .description('the smallest scenarios on which two semantics predict differently: no kernel')
    .option('--options <STRING>', 'mount options, or any', ANY_OPTIONS)
    .option('--base <LIST>', 'file systems of the layers, upper first, or any', ANY_BASE)
    .option(
      '--scenarios <N>',
      'end after so many',
      wholeNumber('--scenarios', 1),
      DEFAULTS.scenarios,
    )
    .option('--steps <N>', 'steps of each scenario', wholeNumber('--steps', 1), DEFAULTS.steps)
    .option(
      '--seed <S>',
      'the same seed makes the same scenarios',
      wholeNumber('--seed'),
      DEFAULTS.seed,
    )
    .option('--limit <N>', 'end when so many are found', wholeNumber('--limit', 1), DEFAULTS.limit)
    .option('--report <DIR>', 'where the scenarios go')
    .option('--json', 'one JSON document on stdout, and nothing else')
    .addHelpText(
      'after',
      `
Status 1: they differ. A and B are versions, or names of kernels or proposals.
Example: ovlcheck diff-profiles 6.12 6.18 --limit 3`,
    )
    .action(async (a: string, b: string, flags: DiffFlags) => {
      // A proposal for any kernel is that for the version on the other side.
      exitWith(await diff(semanticsOf(a, b), semanticsOf(b, a), flags));
    });
}

async function diff(a: Semantics, b: Semantics, flags: DiffFlags): Promise<number> {
  checkOptions(flags.options);
  checkBase(flags.base);
  const limits = {
    ...{ seed: flags.seed, options: flags.options, base: flags.base, stepCount: flags.steps },
    ...{ scenariosMax: flags.scenarios, foundMax: flags.limit },
    shrinkEvaluationsMax: SHRINK_EVALUATIONS_MAX,
  };
  const signal = interruption();
  const result = await diffProfiles(a, b, limits, signal);
  const folder = flags.report ?? join(REPORTS_DIR, `diff-${a.id}-${b.id}`.replaceAll('/', '-'));
  const files = result.found.map(({ scenario }, index) => {
    makeFolder(folder);
    const file = join(folder, `difference-${index + 1}.json`);
    writeWhole(file, `${JSON.stringify(scenario, null, 1)}\n`);
    return file;
  });
  const text =
    flags.json === true
      ? JSON.stringify(documentOf(a, b, result, files, flags), null, 1)
      : textOf(a, b, result, files);
  process.stdout.write(`${text}\n`);
  if (signal.aborted) return EXIT.interrupted;
  return result.found.length > 0 ? EXIT.differs : EXIT.holds;
}

function textOf(
  a: Semantics,
  b: Semantics,
  { found, unmet, scenarios }: ProfileDiff,
  files: readonly string[],
): string {
  const total = answersOf(a, b).length;
  const parts = found.map((one, index) => {
    return `${index + 1}. ${counterexampleText(one, a, b)}\n\nscenario: ${files[index] ?? ''}`;
  });
  const rest = unmet.length === 0 ? [] : [`not met: ${unmet.map(answersText).join('; ')}`];
  const summary =
    `${a.id} and ${b.id} answer ${total} questions differently; ` +
    `${total - unmet.length} met in ${scenarios} scenarios`;
  return [...parts, [summary, ...rest].join('\n')].join('\n\n');
}

function counterexampleText(one: Counterexample, a: Semantics, b: Semantics): string {
  const { scenario, turnsOn, differences } = one;
  const extended = withEpilogue(scenario);
  const wrongAt = differences[0]?.step ?? 0;
  const columns = (
    [
      ['a', a],
      ['b', b],
    ] as const
  ).map(([side, { id }]) => {
    return { title: id, cells: predictedCells(extended, one[side].slice(0, wrongAt + 1)) };
  });
  const checked = { predicted: [], observed: [], differences, sides: [a.id, b.id] as const };
  return [
    `${turnsOn.map(answersText).join('; ')}\n\n${setUpText(scenario)}`,
    columnsText(scenario, columns),
    differencesText(checked),
  ].join('\n\n');
}

function answersText({ question, a, b }: Answers): string {
  return `${question}: ${a} | ${b}`;
}

function documentOf(
  a: Semantics,
  b: Semantics,
  { found, unmet, scenarios }: ProfileDiff,
  files: readonly string[],
  { seed }: DiffFlags,
): DiffProfilesDocument {
  return {
    verdict: found.length > 0 ? 'differs' : 'holds',
    ...{ a: a.id, b: b.id, seed, scenarios },
    differences: found.map((one, index) => ({
      file: files[index] ?? '',
      steps: one.scenario.steps.length,
      turnsOn: one.turnsOn,
      differences: one.differences,
      scenario: one.scenario,
      text: counterexampleText(one, a, b),
    })),
    unmet,
  };
}
