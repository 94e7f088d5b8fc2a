import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { givenParameters } from '../../model/semantics/module-parameters.ts';
import { mountDataOf } from '../guest.ts';
import { placesIn } from './c-text.ts';
import { onlyUsed } from './only-used.ts';
import { firstFileSystem, makingPlace, otherFileSystems, TOP } from './file-systems.ts';
import { isLeftAlone, lookedAt } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { actionsOf } from './sh-actions.ts';
import type { Action } from './sh-actions.ts';
import { layerLines } from './sh-layers.ts';
import { lookFunction, rootsOf, stateAfter } from './sh-state.ts';
import { shellWord } from './sh-text.ts';
import { summaryOf } from './summary.ts';

/** A bash script that does the same on any kernel, and tells whether that is what is expected. */
export function exportSh(reproducer: Reproducer): string {
  const comment = [
    ...summaryOf(reproducer),
    '',
    'Run it as root. The steps are at the end.',
    'Exit status: 0 all is as expected, 1 something is not, 3 it cannot be run here.',
  ].map((line) => `# ${line}`.trimEnd());
  const own = [...setUpLines(reproducer), ...stepLines(reproducer)].join('\n');
  const mount = `mount_overlay()\n{\n\t${mountCommand(reproducer)}\n}`;
  const shown = rootsOf(reproducer).map((root) => ({ place: root, name: root }));
  const functions = [shellFrame('frame-script.sh'), mount, lookFunction(reproducer, shown)];
  const frame = onlyUsed(functions.join('\n\n'), own, 'sh');
  return `${[...HEAD, ...comment, '', ...SELF].join('\n')}\n\n${frame}\n\n${own}\n`;
}

/** What scripts are made of; the file of a format comes before what all have. */
export function shellFrame(ofFormat: string): string {
  return [ofFormat, 'frame.sh']
    .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
    .map((text) => text.replace(/^#.*\n\s*/, '').trimEnd())
    .join('\n\n');
}

const HEAD = ['#!/bin/bash', '# SPDX-License-Identifier: MIT', '#'];
const SELF = [
  '# Mounts of our own are seen by nobody else, and go when we end.',
  '[ "${OVL_REPRO-}" ] || OVL_REPRO=1 exec unshare -m bash "$0"',
  'export LC_ALL=C LIBMOUNT_FORCE_MOUNT2=always',
];

const TOOLS = ['unshare', 'setpriv', 'getfattr', 'setfattr', 'perl', 'awk', 'diff'];

/** What tools tell of their work is none of the result. */
function setUpLine(words: string): string {
  return /^mk(fs|2fs|squashfs)/.test(words) ? `setup ${words} >/dev/null` : `setup ${words}`;
}

function mountCommand({ scenario }: Reproducer): string {
  return `mount -t overlay -o noatime,nodev,${placesIn(mountDataOf(scenario))} overlay m`;
}

function setUpLines(reproducer: Reproducer): readonly string[] {
  const { scenario } = reproducer;
  const first = firstFileSystem(scenario);
  const { before, after } = otherFileSystems(scenario);
  const tools = [...first, ...before, ...after].map((words) => words.replace(/ .*/, ''));
  return [
    `needs ${[...new Set([...TOOLS, ...tools])].join(' ')}`,
    'enter',
    ...first.map(setUpLine),
    `cd ${TOP}`,
    'next 0',
    ...before.map(setUpLine),
    ...layerLines(reproducer, (root) => makingPlace(scenario, root)),
    '',
    ...after.map(setUpLine),
    'make_dir w 0755 0:0',
    'make_dir m 0755 0:0',
    ...givenParameters(scenario.parameters ?? {}).map(([name, value]) => {
      return `set_parameter ${name} ${value ? 'Y' : 'N'}`;
    }),
  ];
}

function stepLines(reproducer: Reproducer): readonly string[] {
  const looked = lookedAt(reproducer);
  const actions = actionsOf(reproducer, (root) => root);
  const lines = actions.flatMap((some, index) => [
    '',
    ...(index === 0 ? [] : [`${isLeftAlone(reproducer, index - 1) ? 'next' : 'begin'} ${index}`]),
    ...some.map(actionLine),
    ...(looked.has(index) ? stateLines(reproducer, index) : []),
  ]);
  return [...lines, '', 'echo "as expected"'];
}

function actionLine(action: Action): string {
  switch (action.does) {
    case 'mount':
      return 'works mount_overlay';
    case 'umount':
      return 'works umount m';
    case 'close':
      return `closes ${action.words}`;
    case 'show':
      return `prints ${shellWord(action.prints)} ${action.words}`;
    case 'try':
      if (action.errnos.length === 0) return `works ${action.words}`;
      return `fails ${shellWord(action.errnos.join('|'))} ${action.words}`;
  }
}

function stateLines(reproducer: Reproducer, index: number): readonly string[] {
  const text = stateAfter(reproducer, index);
  if (text === null) return ['# What is there now hangs on the order of names.'];
  return ['', "expect_state <<'END'", ...text, 'END'];
}
