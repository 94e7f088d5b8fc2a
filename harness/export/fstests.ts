import { isDeepStrictEqual } from 'node:util';
import type { BaseType } from '../../model/bases.ts';
import type { MountView } from '../../model/observation.ts';
import { printStep } from '../../model/print-step.ts';
import { dataPaths, lowerPaths } from '../../model/scenario.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { simulate } from '../../model/simulate.ts';
import { HarnessError } from '../errors.ts';
import { layersOf } from './c-layers.ts';
import { onlyUsed } from './only-used.ts';
import { isLeftAlone, lookedAt } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { actionsOf } from './sh-actions.ts';
import type { Action } from './sh-actions.ts';
import { layerLines } from './sh-layers.ts';
import { lookFunction, rootsOf, stateAfter } from './sh-state.ts';
import { shellWord } from './sh-text.ts';
import { shellFrame } from './sh.ts';
import { summaryOf } from './summary.ts';

/** A directory that a case works on: its variable, its path in the usual folder, and its name. */
interface Place {
  readonly variable: string;
  readonly folder: string | null;
  readonly name: string;
}

/** A case of fstests' tests/overlay: it prints what happens, and what it should is in a file. */
export function exportFstests(reproducer: Reproducer, name: string): string {
  refuseForSuite(reproducer, name);
  const places = placesOf(reproducer);
  const placeOf = (root: string): string => `$${places.get(root)?.variable ?? root}`;
  const shown = rootsOf(reproducer).map((root) => {
    return { place: placeOf(root), name: places.get(root)?.name ?? root };
  });
  const functions = [
    shellFrame('frame-fstests.sh'),
    mountFunction(reproducer, placeOf),
    lookFunction(reproducer, shown),
  ].join('\n\n');
  const own = [
    ...setUpLines(reproducer, places, placeOf),
    ...stepLines(reproducer, actionsOf(reproducer, placeOf)),
  ].join('\n');
  const frame = onlyUsed(functions, own, 'sh');
  const parts = [
    [...HEAD, `# FS QA Test ${name}`, '#', ...commentOf(reproducer)].join('\n'),
    ['. ./common/preamble', '_begin_fstest auto quick'].join('\n'),
    ['# Import common functions.', '. ./common/attr'].join('\n'),
    requirements(reproducer, `${frame}\n${own}`).join('\n'),
    frame,
    own,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** What such a case prints where all is as expected. */
export function goldenOutput(reproducer: Reproducer, name: string): string {
  const places = placesOf(reproducer);
  const looked = lookedAt(reproducer);
  const actions = actionsOf(reproducer, (root) => root);
  const lines = actions.flatMap((some, index) => {
    const state = looked.has(index) ? (stateAfter(reproducer, index) ?? []) : [];
    const named = state.map((line) => {
      return line.replace(/^[a-z]\d*/, (root) => places.get(root)?.name ?? root);
    });
    return [...titleOf(reproducer, index), ...some.flatMap(printedBy), ...named.toSorted(byBytes)];
  });
  return `${[`QA output created by ${name}`, ...lines].join('\n')}\n`;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const HEAD = ['#! /bin/bash', '# SPDX-License-Identifier: MIT', '#'];

/** As the suite has it: a number, and words behind it. */
const CASE_NAME = /^\d{3,}(-[\w-]+)?$/;

function refuseForSuite({ scenario }: Reproducer, name: string): void {
  const refuse = (why: string): never => {
    throw new HarnessError('bad-input', `${why}; --format c has no such limits`);
  };
  if (!CASE_NAME.test(name)) refuse(`a case of fstests is named by a number such as 900: ${name}`);
  if (scenario.parameters !== undefined) refuse('fstests leaves the module as it is');
  if (scenario.otherBases !== undefined) refuse('fstests has all layers on one file system');
  if (!SUITE_BASES.some((base) => base === scenario.base)) {
    refuse(`fstests has no layers on ${scenario.base}`);
  }
}

/** What fstests makes scratch file systems of, and we have a model of. */
const SUITE_BASES = ['tmpfs', 'ext4', 'xfs', 'btrfs'] as const satisfies readonly BaseType[];

function commentOf(reproducer: Reproducer): readonly string[] {
  return summaryOf(reproducer).map((line) => `# ${line}`.trimEnd());
}

function placesOf({ scenario }: Reproducer): ReadonlyMap<string, Place> {
  const several = (paths: readonly string[], word: string, folder: string): [string, Place][] =>
    paths.map((path, index) => {
      const number = paths.length === 1 ? '' : String(index);
      const below = `${folder}${number === '' ? '' : `.${number}`}`;
      return [path, { variable: `${word}dir${number}`, folder: below, name: `${word}${number}` }];
    });
  return new Map<string, Place>([
    ['m', { variable: 'SCRATCH_MNT', folder: null, name: 'merged' }],
    ...several(lowerPaths(scenario), 'lower', '$OVL_LOWER'),
    ...several(dataPaths(scenario), 'data', 'ovl-data'),
    ...several(['u'], 'upper', '$OVL_UPPER'),
    ...several(['w'], 'work', '$OVL_WORK'),
  ]);
}

function mountFunction({ scenario }: Reproducer, placeOf: (root: string) => string): string {
  const lowers = [
    lowerPaths(scenario).map(placeOf).join(':'),
    ...dataPaths(scenario).map(placeOf),
  ].join('::');
  const hasUpper = scenario.layers.some(({ role }) => role === 'upper');
  const own = hasUpper ? `${placeOf('u')} ${placeOf('w')}` : '- -';
  const options = ['noatime', 'nodev', ...(scenario.options === '' ? [] : [scenario.options])];
  const call = `_overlay_scratch_mount_dirs "${lowers}" ${own} \\`;
  return ['mount_overlay()', '{', `\t${call}`, `\t\t-o ${shellWord(options.join(','))}`, '}'].join(
    '\n',
  );
}

/** What else than the suite itself a case needs; where it is missing the case is not run. */
function requirements(reproducer: Reproducer, text: string): readonly string[] {
  const spaces = ['trusted', 'user'].filter((space) => text.includes(` ${space}.`));
  const features = featuresOf(reproducer);
  return [
    ...baseGuard(reproducer),
    '# The case looks at the layers itself.',
    '_require_scratch_nocheck',
    ...(features.length === 0 ? [] : [`_require_scratch_overlay_features ${features.join(' ')}`]),
    `_require_attrs ${spaces.length === 0 ? 'trusted' : spaces.join(' ')}`,
    ...(/\bperl /.test(text) ? ['_require_command "$PERL_PROG" perl'] : []),
    ...(/\bsetpriv /.test(text) ? ['_require_command "$(type -P setpriv)" setpriv'] : []),
  ];
}

/** Those that are seen to be on once it is mounted. */
function featuresOf({ predicted, scenario }: Reproducer): readonly string[] {
  const result = predicted[0]?.result;
  if (result?.ok !== true) return [];
  const { options } = result.value as MountView; // What a mount is predicted to show.
  const asked = new Set(scenario.options.split(','));
  return ['redirect_dir', 'index', 'nfs_export', 'xino', 'metacopy'].filter((feature) => {
    return asked.has(`${feature}=on`) && options.includes(`${feature}=on`);
  });
}

/** The suite runs on the file system that its user has chosen. */
function baseGuard(reproducer: Reproducer): readonly string[] {
  const fitting = SUITE_BASES.filter((base) => isSameOn(reproducer, base));
  if (fitting.length === SUITE_BASES.length) return [];
  const names = fitting.join(' or ');
  return [
    `case "$OVL_BASE_FSTYP" in`,
    `${fitting.join(' | ')}) ;;`,
    `*) _notrun "the layers should be on ${names}" ;;`,
    'esac',
    '',
  ];
}

function isSameOn(reproducer: Reproducer, base: BaseType): boolean {
  if (base === reproducer.scenario.base) return true;
  const scenario = { ...reproducer.scenario, base };
  const predicted = simulate(scenario, reproducer.semantics, USUAL_ENVIRONMENT);
  const other = { ...reproducer, scenario, predicted };
  if (!isDeepStrictEqual(layersOf(reproducer), layersOf(other))) return false;
  try {
    return goldenOutput(reproducer, '') === goldenOutput(other, '');
  } catch (error) {
    // There something happens that cannot be written.
    if (error instanceof HarnessError) return false;
    throw error;
  }
}

function setUpLines(
  reproducer: Reproducer,
  places: ReadonlyMap<string, Place>,
  placeOf: (root: string) => string,
): readonly string[] {
  const folders = [...places.values()].flatMap(({ variable, folder }) => {
    return folder === null ? [] : [`${variable}=$OVL_BASE_SCRATCH_MNT/${folder}`];
  });
  return [
    ...folders,
    '',
    'umask 0',
    'next 0',
    '# Remove all files from previous tests, and stamp nothing by reading',
    '_scratch_mkfs >>$seqres.full',
    '$MOUNT_PROG -o remount,noatime $OVL_BASE_SCRATCH_MNT',
    ...layerLines(reproducer, placeOf),
    '',
    `make_dir ${placeOf('w')} 0755 0:0`,
  ];
}

function stepLines(
  reproducer: Reproducer,
  actions: readonly (readonly Action[])[],
): readonly string[] {
  const looked = lookedAt(reproducer);
  const lines = actions.flatMap((some, index) => [
    '',
    ...(index === 0 ? [] : [`${isLeftAlone(reproducer, index - 1) ? 'next' : 'begin'} ${index}`]),
    ...titleOf(reproducer, index).map((title) => `echo ${shellWord(title)}`),
    ...some.map(actionLine),
    ...(looked.has(index) && stateAfter(reproducer, index) !== null ? ['look'] : []),
  ]);
  return [...lines, '', '# success, all done', 'status=0', 'exit'];
}

/** The line that a step begins with. */
function titleOf({ scenario }: Reproducer, index: number): readonly string[] {
  const step = scenario.steps[index - 1];
  if (step === undefined) return [];
  // The model knows what is remounted instead; scripts drop what there is.
  return [`${index} ${step.op === 'dropCaches' ? 'drop caches' : printStep(step)}`];
}

function actionLine(action: Action): string {
  switch (action.does) {
    case 'mount':
      return 'mount_overlay';
    case 'umount':
      return '$UMOUNT_PROG $SCRATCH_MNT';
    case 'close':
      return `closes ${action.words}`;
    case 'show':
      return `show ${action.words}`;
    case 'try':
      if (action.errnos.length < 2) return `tell ${action.words}`;
      return `tell_one_of ${shellWord(action.errnos.join('|'))} ${action.words}`;
  }
}

function printedBy(action: Action): readonly string[] {
  if (action.does === 'show') return [`   ${action.prints}`];
  if (action.does !== 'try') return [];
  return [`   ${action.errnos.length === 0 ? 'success' : action.errnos.join('|')}`];
}
