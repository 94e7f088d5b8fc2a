import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MountView } from '../../model/observation.ts';
import type { Scenario } from '../../model/scenario.ts';
import { givenParameters } from '../../model/semantics/module-parameters.ts';
import type { OpName, Step } from '../../model/ops/index.ts';
import { printStep } from '../../model/print-step.ts';
import { encode } from '../encode.ts';
import { HarnessError } from '../errors.ts';
import { mountDataOf } from '../guest.ts';
import { layersOf, makeLayer } from './c-layers.ts';
import { instructionsOf, stepLines } from './c-steps.ts';
import type { Progress } from './c-steps.ts';
import { cString, placesIn } from './c-text.ts';
import { firstFileSystem, makingPlace, otherFileSystems } from './file-systems.ts';
import { onlyUsed } from './only-used.ts';
import { isLeftAlone, lookedAt } from './reproducer.ts';
import type { Reproducer } from './reproducer.ts';
import { stateText } from './state-text.ts';
import { summaryOf } from './summary.ts';

/** Each file begins with a comment on itself. */
const FRAME = ['frame.c', 'look.c']
  .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
  .map((text) => text.replace(/^\/\*[^]*?\*\/\s*/, ''))
  .join('\n');
/** The mount of a tmpfs, as a command and as a call. */
const TMPFS = /^mount -t tmpfs -o (\S*),noatime,nodev tmpfs (\S+)$/;
const TMPFS_CALL = 'mount("tmpfs", "$2", "tmpfs", MS_NOATIME | MS_NODEV, "$1")';
const LINE_WIDTH = 100;
const TAB = 8;

/** One file of C that does the same on any kernel, and tells whether that is what is expected. */
export function exportC(reproducer: Reproducer): string {
  const { scenario, predicted } = reproducer;
  refuseInexpressible(scenario);
  const data = cString(placesIn(mountDataOf(scenario)));
  const withOptions = (lines: readonly string[]): readonly string[] =>
    lines.map((line) => line.replaceAll(data, 'OPTIONS'));
  const own = [
    block('static void make_layers(void)', layerLines(reproducer)),
    block('int main(void)', withOptions(mainLines(reproducer))),
  ].join('\n\n');
  const [includes = '', ...rest] = onlyUsed(FRAME, own, 'c').split(/\n\n(?!#include)/);
  const options = data.replaceAll(/,(upperdir|workdir)/g, '," \\\n\t"$1');
  const defined = [
    `#define STEPS ${predicted.length - 1}`,
    `#define INOS ${hasInos(scenario) ? 1 : 0}`,
    `#define OPTIONS \\\n\t${options}`,
  ];
  return `${[comment(reproducer), includes, ...defined, ...rest, own].join('\n\n')}\n`;
}

/** What is about a device, or the file system on it or in memory. */
const NEEDS_DEVICE: ReadonlySet<OpName> = new Set<OpName>([
  ...(['crash', 'failDevice', 'repairDevice', 'secondMount'] as const),
  ...(['outsideOpen', 'outsideWrite', 'outsideSync'] as const),
  ...(['outsideRead', 'outsideClose', 'nfsMount', 'fillUp', 'makeRoom'] as const),
]);

/** Never a program that silently does something else. */
function refuseInexpressible({ layers, steps }: Scenario): void {
  const hasAcls = JSON.stringify({ layers, steps }).includes('posix_acl');
  const at = steps.findIndex((step) => {
    return NEEDS_DEVICE.has(step.op) || (hasAcls && isCopyWithoutXattrs(step));
  });
  const step = steps[at];
  if (step === undefined) return;
  const why = NEEDS_DEVICE.has(step.op) ? '' : ': cp(1) keeps access control lists with the mode';
  const text = `step ${at + 1}, ${printStep(step)}`;
  throw new HarnessError('bad-input', `${text}, cannot be exported to C${why}`);
}

function isCopyWithoutXattrs(step: Step): boolean {
  if (step.op === 'offlineCopy') return !step.args.keeps.includes('xattrs');
  if (step.op !== 'offlineReplace' || step.args.by === 'empty') return false;
  return !step.args.by.includes('xattrs');
}

/** Several file systems may have the same number for different objects. */
function hasInos({ otherBases = [] }: Scenario): boolean {
  return otherBases.length === 0;
}

function comment(reproducer: Reproducer): string {
  const lines = [
    ...summaryOf(reproducer),
    '',
    'The steps are at the end, in main(). Build it with: cc -o repro repro.c; run it as root.',
    'Exit status: 0 all is as expected, 1 something is not, 3 it cannot be run here.',
  ];
  const text = lines.map((line) => ` * ${line}`.trimEnd());
  return ['// SPDX-License-Identifier: MIT', '/*', ...text, ' */'].join('\n');
}

function layerLines(reproducer: Reproducer): readonly string[] {
  const { scenario } = reproducer;
  const { before, after } = otherFileSystems(scenario);
  const layers = layersOf(reproducer).flatMap((layer) => [
    '',
    `/* ${layer.what}. */`,
    ...makeLayer(layer, makingPlace(scenario, layer.path)),
  ]);
  return [
    ...before.map(commandText),
    ...layers,
    '',
    ...after.map(commandText),
    'make_dir("w", 0755, 0, 0);',
    'make_dir("m", 0755, 0, 0);',
  ];
}

/** What there are tools for is left to them; a program that needs none works anywhere. */
function commandText(words: string): string {
  return TMPFS.test(words)
    ? `setup(${words.replace(TMPFS, TMPFS_CALL)});`
    : `command(${cString(words)});`;
}

function mainLines(reproducer: Reproducer): readonly string[] {
  const { scenario, predicted } = reproducer;
  const looked = lookedAt(reproducer);
  const instructions = instructionsOf(encode(scenario));
  const progress: Progress = { isHolding: false, program: null };
  const lines = [
    'enter();',
    ...firstFileSystem(scenario).map(commandText),
    'setup(chdir(TOP));',
    'next(0);',
    'make_layers();',
    ...parameterLines(scenario),
    ...mountLines(reproducer),
  ];
  for (const [index, { result }] of predicted.entries()) {
    const step = scenario.steps[index - 1];
    if (step !== undefined) {
      lines.push('', `${isLeftAlone(reproducer, index - 1) ? 'next' : 'begin'}(${index});`);
      lines.push(...stepLines(step, instructions[index - 1] ?? [], result, progress));
    }
    if (looked.has(index)) lines.push(...stateLines(reproducer, index));
  }
  return [...lines, '', 'puts("as expected");', 'return EXPECTED;'];
}

function parameterLines({ parameters = {} }: Scenario): readonly string[] {
  return givenParameters(parameters).map(([name, value]) => {
    return `set_parameter("${name}", "${value ? 'Y' : 'N'}");`;
  });
}

function mountLines({ scenario, predicted }: Reproducer): readonly string[] {
  const [mounted] = predicted;
  const data = cString(placesIn(mountDataOf(scenario)));
  const call = `mount("overlay", "m", "overlay", MS_NODEV | MS_NOATIME, ${data})`;
  if (mounted === undefined || mounted.result.ok) return [`works(${call});`];
  return [`fails(${call}, ${mounted.result.anyOf.join(', ')});`];
}

/** What is there after a step, and what the kernel shows of the mount if that was mounted anew. */
function stateLines({ predicted, scenario }: Reproducer, index: number): readonly string[] {
  const prediction = predicted[index];
  if (prediction === undefined) return [];
  const { result } = prediction;
  const isMount = index === 0 || scenario.steps[index - 1]?.op === 'reconfigure';
  const shown = isMount && result.ok ? mountShows(result.value) : [];
  const text = stateText(prediction, { hasInos: hasInos(scenario) });
  const step = scenario.steps[index - 1];
  const after = step === undefined ? 'the mount' : printStep(step).slice(0, 60);
  if (text === null)
    return ['', `/* What is there after ${after} hangs on the order of names. */`, 'look();'];
  const quoted = text.map((line) => `\t${cString(`${line}\n`)}`);
  return [...shown, '', 'expect_state(', ...quoted.slice(0, -1), `${quoted.at(-1) ?? ''});`];
}

function mountShows(value: unknown): readonly string[] {
  const { layers, options } = value as MountView; // What a mount is predicted to show.
  return [`mount_shows(${cString([...layers, ...options].join(','))});`];
}

function block(head: string, lines: readonly string[]): string {
  const body = lines.map((line) => (line === '' ? '' : wrap(`\t${line}`)));
  return [head, '{', ...body, '}'].join('\n').replace('{\n\n', '{\n');
}

/** Breaks a long call behind a comma that is in no string. */
function wrap(line: string): string {
  const columns = line.replaceAll('\t', ' '.repeat(TAB));
  if (columns.length <= LINE_WIDTH || line.startsWith('\t\t')) return line;
  let inString = false;
  let at = -1;
  for (let index = 0; index < line.length - 1 && index < LINE_WIDTH - TAB; index++) {
    if (line[index] === '"' && line[index - 1] !== '\\') inString = !inString;
    if (!inString && line.startsWith(', ', index)) at = index;
  }
  if (at < 0) return line;
  return `${line.slice(0, at + 1)}\n\t\t${line.slice(at + 2)}`;
}
