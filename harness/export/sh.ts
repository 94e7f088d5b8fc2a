import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedEntry } from '../../model/layer-plan.ts';
import { printStep } from '../../model/print-step.ts';
import { OPS } from '../../model/ops/index.ts';
import type { Step } from '../../model/ops/index.ts';
import { lowerPaths } from '../../model/scenario.ts';
import type { Scenario } from '../../model/scenario.ts';
import { USERS } from '../../model/users.ts';
import type { Prediction } from '../../model/prediction.ts';
import { HarnessError } from '../errors.ts';
import { mountDataOf } from '../guest.ts';
import { layersOf } from './c-layers.ts';
import type { PlannedLayer } from './c-layers.ts';
import { placesIn } from './c-text.ts';
import { onlyUsed } from './only-used.ts';
import { lookedAt } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { commandOf, fileOf } from './sh-steps.ts';
import { modeWord, shellBytes, shellWord, valueWord } from './sh-text.ts';
import { stateText } from './state-text.ts';
import { summaryOf } from './summary.ts';

const FRAME = readFileSync(join(import.meta.dirname, 'frame.sh'), 'utf8').replace(/^#.*\n\s*/, '');

/** A bash script that does the same on any kernel, and tells whether that is what is expected. */
export function exportSh(reproducer: Reproducer): string {
  const comment = [
    ...summaryOf(reproducer),
    '',
    'Run it as root. The steps are at the end.',
    'Exit status: 0 all is as expected, 1 something is not, 3 it cannot be run here.',
  ].map((line) => `# ${line}`.trimEnd());
  const own = [...layerLines(reproducer), ...stepLines(reproducer)].join('\n');
  const mount = `mount_it()\n{\n\t${mountCommand(reproducer)}\n}`;
  const frame = onlyUsed(`${FRAME}\n\n${mount}`, own, 'sh');
  return `${[...HEAD, ...comment, '', ...SELF].join('\n')}\n\n${frame}\n\n${own}\n`;
}

const HEAD = ['#!/bin/bash', '# SPDX-License-Identifier: MIT', '#'];
const SELF = [
  '# Mounts of our own are seen by nobody else, and go when we end.',
  '[ "${OVL_REPRO-}" ] || OVL_REPRO=1 exec unshare -m bash "$0"',
  'export LC_ALL=C LIBMOUNT_FORCE_MOUNT2=always',
  'set -f',
];

/** getfattr(1) passes over xattrs whose values cannot be read. */
const UNREADABLE = / [a-z]+\.[^ =]+=E[A-Z]+/;

function mountCommand({ scenario }: Reproducer): string {
  return `mount -t overlay -o noatime,nodev,${placesIn(mountDataOf(scenario))} overlay m`;
}

/** Who can be written to C alone is told what for. */
export function refuseForShell(what: string): never {
  throw new HarnessError('bad-input', `${what}: a shell has no command for it; --format c has`);
}

function layerLines(reproducer: Reproducer): readonly string[] {
  const { scenario } = reproducer;
  const others = scenario.otherBases ?? [];
  const strange = [scenario.base, ...others].find((base) => base !== 'tmpfs');
  if (strange !== undefined) refuseForShell(`layers on ${strange}`);
  const mounts = others.flatMap((_, index) => [
    `mkdir f${index + 1}`,
    `setup mount -t tmpfs -o mode=755,noatime,nodev tmpfs f${index + 1}`,
  ]);
  const layers = layersOf(reproducer).flatMap((layer) => [
    '',
    `# ${layer.what}`,
    ...makeLayer(layer),
  ]);
  const tools = ['unshare', 'setpriv', 'getfattr', 'setfattr', 'perl', 'awk', 'diff'];
  return [
    `needs ${tools.join(' ')}`,
    'enter',
    `inos=${others.length === 0 ? 'true' : 'false'}`,
    'next 0',
    ...mounts,
    ...layers,
    '',
    'make_dir w 0755 0:0',
    'make_dir m 0755 0:0',
  ];
}

function makeLayer({ path: root, planned }: PlannedLayer): readonly string[] {
  const at = (path: string): string => shellWord(path === '.' ? root : `${root}/${path}`);
  return [
    ...planned.flatMap((entry) => makeEntry(entry, at)),
    ...planned
      .toReversed()
      .map(({ path, atimeSec, mtimeSec }) => `set_age ${at(path)} ${atimeSec} ${mtimeSec}`),
  ];
}

function makeEntry(entry: PlannedEntry, at: (path: string) => string): readonly string[] {
  const { path, type, uid, gid, rdev, target, to, pieces, size, xattrs, flags, hasVerity } = entry;
  if (flags.length > 0 || hasVerity) refuseForShell(`flags of ${path}`);
  const [name, mode, owner] = [at(path), modeWord(entry.mode), `${uid}:${gid}`];
  const marks = xattrs.map(([key, value]) => {
    return `setup setfattr -h -n ${shellWord(key)} -v ${valueWord(value)} ${name}`;
  });
  switch (type) {
    case 'dir':
      return [`make_dir ${name} ${mode} ${owner}`, ...marks];
    case 'file': {
      const fills = pieces.map(({ at: from, text }) => `fill ${name} ${from} ${shellBytes(text)}`);
      const sized = size === null ? [] : [`setup truncate -s ${size} ${name}`];
      return [`make_file ${name} ${mode} ${owner}`, ...fills, ...sized, ...marks];
    }
    case 'symlink':
      return [`make_symlink ${name} ${shellWord(target)} ${owner}`, ...marks];
    case 'link':
      return [`setup link ${at(to)} ${name}`, ...marks];
    default: {
      const kind = type === 'fifo' ? 'p' : `${type.slice(0, 1)} ${rdev.major} ${rdev.minor}`;
      return [`make_node ${name} ${mode} ${owner} ${kind}`, ...marks];
    }
  }
}

function stepLines(reproducer: Reproducer): readonly string[] {
  const { scenario, predicted } = reproducer;
  const looked = lookedAt(reproducer);
  const lines: string[] = [];
  const open = new Set<number>();
  for (const [index, { result }] of predicted.entries()) {
    const step = scenario.steps[index - 1];
    lines.push('');
    if (step === undefined) {
      if (!result.ok) refuseForShell('the errno of a mount');
      lines.push('works mount_it');
    } else {
      lines.push(`${looked.has(index - 1) ? 'next' : 'begin'} ${index}`);
      lines.push(...commandsOf(step, index, result, { open, scenario }));
      note(step, result.ok, open);
    }
    if (looked.has(index)) lines.push(...stateLines(reproducer, index));
  }
  return [...lines, '', 'echo "as expected"'];
}

function note(step: Step, isDone: boolean, open: Set<number>): void {
  if (step.op === 'open' && isDone) open.add(step.args.slot);
  if (step.op === 'close') open.delete(step.args.fd);
}

/** What is done to a layer is done while nothing is mounted and nothing open. */
function commandsOf(
  step: Step,
  index: number,
  predicted: Prediction<unknown>,
  { open, scenario }: { readonly open: Set<number>; readonly scenario: Scenario },
): readonly string[] {
  const what = `step ${index}, ${printStep(step)}`;
  if (OPS[step.op].result === 'mount' || OPS[step.op].result === 'edit') {
    if (!predicted.ok) refuseForShell(`${what}, which fails to mount`);
  }
  if (step.op !== 'remount' && !('layer' in step.args)) {
    return [commandLine(step, what, 'm', predicted)];
  }
  const before = [...[...open].map((slot) => `closes ${fileOf(slot)}`), 'works umount m'];
  open.clear();
  if (!('layer' in step.args)) return [...before, 'works mount_it'];
  const { layer } = step.args;
  const lower = typeof layer === 'number' ? lowerPaths(scenario)[layer] : undefined;
  const root = lower ?? { upper: 'u', work: 'w' }[String(layer)] ?? refuseForShell(what);
  const said = predicted.ok ? predicted.value : 'done';
  // What is no success is an errno.
  const edited: Prediction<unknown> =
    said === 'done' ? { ok: true, value: null } : { ok: false, anyOf: [said as 'EIO'] };
  return [...before, commandLine(step, what, root, edited), 'works mount_it'];
}

function commandLine(
  step: Step,
  what: string,
  root: string,
  predicted: Prediction<unknown>,
): string {
  const command = commandOf(step, root, predicted);
  if (command === null) refuseForShell(what);
  const { words, prints, isOwn } = command;
  const user = USERS[step.as ?? 'root'];
  const isOther = user.uid !== 0;
  // Functions of the script are none of setpriv's.
  if (isOther && (isOwn === true || /^(\w+_\w+|reads|writes) /.test(words))) refuseForShell(what);
  const all = isOther ? `as_user ${user.uid} ${user.gid} ${words}` : words;
  if (prints !== undefined) return `prints ${shellWord(prints)} ${all}`;
  if (!predicted.ok) return `fails ${shellWord(predicted.anyOf.join('|'))} ${all}`;
  if (predicted.unless !== undefined) refuseForShell(what);
  return `works ${all}`;
}

function stateLines({ predicted, scenario }: Reproducer, index: number): readonly string[] {
  const prediction = predicted[index];
  const hasInos = (scenario.otherBases ?? []).length === 0;
  const text = prediction === undefined ? null : stateText(prediction, { hasInos });
  if (text?.some((line) => UNREADABLE.test(line)) === true) refuseForShell('an unreadable xattr');
  if (text === null) return ['# What is there now hangs on the order of names.'];
  return ['', "expect_state <<'END'", ...text, 'END'];
}
