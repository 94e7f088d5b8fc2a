import { printStep } from '../../model/print-step.ts';
import type { Step } from '../../model/ops/index.ts';
import type { Prediction } from '../../model/prediction.ts';
import { BOUND } from '../../model/flags.ts';
import { USERS } from '../../model/users.ts';
import type { EncodedScenario } from '../encode.ts';
import { readProgram } from '../protocol/read-program.ts';
import type { Instruction } from '../protocol/read-program.ts';
import { callText } from './c-calls.ts';
import { slotText } from './c-pointers.ts';
import { cString, placesIn } from './c-text.ts';
import { expectationsOf } from './c-expectations.ts';
import type { Wanted } from './c-expectations.ts';
import { checksOf } from './c-results.ts';
import { treeText } from './c-trees.ts';
import { hears, PHASES } from '../watch-recipe.ts';

/** What is known at one point of a program: what its steps left behind. */
export interface Progress {
  /** Something may be open or mapped. */
  isHolding: boolean;
  /** The slot of a program that runs. */
  program: number | null;
}

const MOUNTINFO_CALLS = 3;

/** The instructions of each step, without switching the user and without looking around. */
export function instructionsOf({
  program,
  mountAt,
  steps,
}: EncodedScenario): readonly (readonly Instruction[])[] {
  const all = readProgram(program);
  const clocks = [...all.keys()].filter((at) => at > mountAt && isCall(all[at], 'clock_gettime'));
  // The first clock is the one after the mount; then there are two for each step.
  return steps.map(({ switchesUser, instructions }, index) => {
    const from = (clocks[2 * index + 1] ?? 0) + 1 + (switchesUser ? 2 : 0);
    return all.slice(from, from + instructions);
  });
}

function isCall(instruction: Instruction | undefined, name: string): boolean {
  return instruction?.op === 'call' && instruction.call === name;
}

/** A step in C: its calls, and what the model expects of them. */
export function stepLines(
  step: Step,
  instructions: readonly Instruction[],
  predicted: Prediction<unknown>,
  progress: Progress,
): readonly string[] {
  const lines = callLines(step, instructions, predicted, progress);
  const isPlain = instructions.length === 1 && step.as === undefined;
  const comment = isPlain ? [] : [commentOf(printStep(step))];
  if (step.as === undefined || step.as === 'root') return [...comment, ...lines];
  const { uid, gid } = USERS[step.as];
  return [...comment, `as_user(${uid}, ${gid});`, ...lines, 'as_user(0, 0);'];
}

const COMMENT_WIDTH = 86;

/** As many lines as it takes. */
function commentOf(text: string): string {
  const lines: string[] = [''];
  for (const word of text.replaceAll('*/', '* /').split(' ')) {
    const line = `${lines.at(-1) ?? ''} ${word}`.trimStart();
    if (line.length > COMMENT_WIDTH && lines.at(-1) !== '') lines.push(word);
    else lines[lines.length - 1] = line;
  }
  if (lines.length === 1) return `/* ${lines[0] ?? ''} */`;
  return ['/*', ...lines.map((line) => ` * ${line}`), ' */'].join('\n\t');
}

function callLines(
  step: Step,
  all: readonly Instruction[],
  predicted: Prediction<unknown>,
  progress: Progress,
): readonly string[] {
  const from = letsGo(all) ? BOUND.slots + 1 : 0;
  const lines = from > 0 ? letGo(progress) : [];
  const { wanted, end } = expectationsOf(step, all, predicted);
  const checks = predicted.ok ? checksOf(step, predicted) : [];
  const checksAt = all.findLastIndex(bringsBytes);
  let heard = 0;
  for (let at = from; at < all.length - (showsMount(all) ? MOUNTINFO_CALLS : 0); at++) {
    const instruction = all[at];
    if (instruction === undefined) break;
    if (hears(instruction)) {
      const phase = PHASES[heard++] ?? '';
      lines.push(step.op === 'watch' ? `hear("${phase}");` : 'hear_all();');
    } else {
      lines.push(...instructionLines(instruction, wanted.get(at), progress));
    }
    if (at === checksAt) lines.push(...checks);
  }
  return [...lines, ...(checksAt < 0 || showsMount(all) ? checks : []), ...end];
}

function bringsBytes(instruction: Instruction): boolean {
  return instruction.op === 'call' && instruction.args.some(({ kind }) => kind === 'output');
}

function letsGo(all: readonly Instruction[]): boolean {
  const closing = all.slice(0, BOUND.slots);
  return closing.every(({ op }) => op === 'close') && isCall(all[BOUND.slots], 'munmap');
}

function letGo(progress: Progress): string[] {
  const lines = progress.program === null ? [] : ['end_program();'];
  if (progress.isHolding) lines.push('let_go();');
  progress.isHolding = false;
  progress.program = null;
  return lines;
}

function showsMount(all: readonly Instruction[]): boolean {
  const opening = all.at(-MOUNTINFO_CALLS);
  return (
    opening?.op === 'call' &&
    opening.call === 'openat' &&
    opening.args[1]?.data === '/proc/self/mountinfo\0'
  );
}

/** One instruction in C. What it opens takes the place of what was open there. */
function instructionLines(
  instruction: Instruction,
  wanted: Wanted | undefined,
  progress: Progress,
): readonly string[] {
  // Nothing of an export waits: it has no server.
  if (instruction.op === 'until') return [];
  if (instruction.op === 'dump' || instruction.op === 'apart') return [];
  if (instruction.op === 'tree') {
    return [`${asWanted(treeText(instruction, wanted === undefined), wanted)};`];
  }
  const isClose = instruction.op === 'close';
  const slot = isClose ? instruction.slot : instruction.resultSlot;
  const isEnded = slot === progress.program;
  const lines = isEnded ? ['end_program();'] : [];
  if (isEnded) progress.program = null;
  if (isClose) return [...lines, `${asWanted(`shut(${slotText(slot)})`, wanted)};`];
  if (instruction.call === 'inotify_add_watch' || instruction.call === 'mmap') {
    progress.isHolding = true;
  }
  if (instruction.call === 'execve') {
    const path = cString(placesIn(instruction.args[0]?.data.replace(/\0$/, '') ?? ''));
    progress.program = slot;
    return [...lines, `shut(${slot});`, `${asWanted(`start_program(${path})`, wanted)};`];
  }
  const text = asWanted(callText(instruction), wanted);
  if (slot < 0 || text.startsWith('fails(')) return [...lines, `${text};`];
  progress.isHolding = true;
  return [...lines, `take(${slotText(slot)}, ${text});`];
}

function asWanted(text: string, wanted: Wanted | undefined): string {
  if (wanted === undefined) return `also(${text})`;
  if (wanted === 'first' || wanted === 'tell') return `${wanted}(${text})`;
  if (!wanted.ok) return `fails(${[text, ...wanted.anyOf].join(', ')})`;
  const { unless = [], value } = wanted;
  if (unless.length > 0) return `works_or_fails(${[text, ...unless].join(', ')})`;
  return typeof value === 'number' ? `returns(${text}, ${value})` : `works(${text})`;
}
