import { isDeepStrictEqual } from 'node:util';
import { typeOfMode } from '../model/compare-fields.ts';
import type { KernelIno, ObservedStat, ObservedTrace } from '../model/observation.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { SetTime } from '../model/time.ts';
import { apply } from './durability-law.ts';
import type { Tree } from './durability-law.ts';
import { Content } from '../model/sparse.ts';

/** What a file had at one time. */
export interface Contents {
  readonly size: number;
  readonly content: Content;
}

/** A file through all of its names and copies. */
export interface FileHistory {
  /** What it had since it was synced; null when steps changed it that nobody could see. */
  states: readonly Contents[] | null;
}

/** What was seen after a step. */
export interface Moment {
  readonly tree: Tree;
  readonly files: ReadonlyMap<string, FileHistory>;
}

export interface History {
  readonly moments: readonly Moment[];
  /** The first moment that a crash may go back to. */
  readonly since: number;
}

/** What was seen after each step, and what was promised. */
export function historyOf(
  steps: readonly Step[],
  observed: ObservedTrace,
  isVolatile: boolean,
): History {
  const moments: Moment[] = [];
  const changes = new Map<KernelIno, { readonly ctime: SetTime; readonly at: number }>();
  let since = 0;
  const nameless = new Set<FileHistory>();
  let last: Moment = { tree: new Map(), files: new Map() };
  for (const [index, { result, merged }] of observed.entries()) {
    const step = steps[index - 1];
    const tree = merged === null ? last.tree : apply(last.tree, merged);
    const files = filesOf(tree, last, step);
    const left = new Set(files.values());
    for (const file of last.files.values()) if (!left.has(file)) nameless.add(file);
    last = { tree, files };
    moments.push(last);
    // The crash may bring back the name of a file that is still written to.
    if (step !== undefined && mayChangeOpen(step)) for (const file of nameless) file.states = null;
    for (const { kind, ...node } of tree.values()) {
      if (kind === 'unreadable' || !('ctime' in node)) continue;
      const known = changes.get(node.ino);
      if (isDeepStrictEqual(known?.ctime, node.ctime)) continue;
      changes.set(node.ino, { ctime: node.ctime, at: index });
    }
    if (isVolatile || !result.ok || step === undefined) continue;
    if (step.op === 'syncfs' || step.op === 'remount') {
      since = index;
      for (const file of last.files.values()) sync(file);
    }
    if (step.op !== 'fsync' && step.op !== 'fdatasync') continue;
    const ino = statusAfter(steps, observed, index)?.ino;
    for (const [path, node] of last.tree) {
      if (node.kind === 'unreadable' || node.ino !== ino) continue;
      const file = last.files.get(path);
      if (file !== undefined) sync(file);
      if (step.op === 'fsync') since = Math.max(since, changes.get(ino)?.at ?? 0);
    }
  }
  return { moments, since };
}

function mayChangeOpen({ op, args }: Step): boolean {
  return ('fd' in args || 'map' in args) && !CHANGE_NOTHING.has(op);
}

const CHANGE_NOTHING: ReadonlySet<OpName> = new Set<OpName>([
  ...(['fstat', 'fsync', 'fdatasync', 'syncfs', 'close', 'read', 'pread'] as const),
]);

/** Its data is on the disk. */
function sync(file: FileHistory): void {
  file.states = file.states?.slice(-1) ?? null;
}

/** Status of the file that was just synced, if it was asked for. */
function statusAfter(
  steps: readonly Step[],
  observed: ObservedTrace,
  index: number,
): ObservedStat | null {
  const [step, next] = [steps[index - 1], steps[index]];
  const result = observed[index + 1]?.result;
  if (step === undefined || next?.op !== 'fstat' || result?.ok !== true) return null;
  if (!('fd' in step.args) || next.args.fd !== step.args.fd) return null;
  // Of the kind that this operation declares.
  return result.value as ObservedStat;
}

function filesOf(tree: Tree, last: Moment, step: Step | undefined): Map<string, FileHistory> {
  const files = new Map<string, FileHistory>();
  const byIno = new Map<KernelIno, FileHistory>();
  for (const [path, file] of last.files) {
    const node = last.tree.get(path);
    if (node?.kind === 'node') byIno.set(node.ino, file);
  }
  for (const [path, node] of tree) {
    if (node.kind === 'unreadable' || typeOfMode(node.mode) !== 'file') continue;
    const file = byIno.get(node.ino) ?? newFile(path, last, step);
    byIno.set(node.ino, file);
    files.set(path, file);
    if (wasEmptied(path, tree, step)) note(file, EMPTY);
    note(file, node);
  }
  return files;
}

/** Whether the step may have emptied it before it wrote to it: nobody saw what was in between. */
function wasEmptied(path: string, tree: Tree, step: Step | undefined): boolean {
  if (step?.op !== 'watch' || !step.args.flags.includes('O_TRUNC')) return false;
  const named = tree.get(step.args.path);
  // A symlink may lead anywhere.
  const isFile = named?.kind === 'node' && typeOfMode(named.mode) === 'file';
  return !isFile || path === step.args.path;
}

/** What an inode is that nobody has seen before. */
function newFile(path: string, last: Moment, step: Step | undefined): FileHistory {
  if (step === undefined) return { states: [] };
  // It was written to before it had a name.
  if (step.op === 'linkFd') return { states: null };
  const source = sourceOf(path, step);
  const copied = source === null ? undefined : last.files.get(source);
  // A copy of a file with several links has a number of its own, and the same data.
  return copied === undefined ? { states: [EMPTY] } : { states: copied.states };
}

const EMPTY: Contents = { size: 0, content: Content.EMPTY };

/** The path where a file was before the step, if it was there at all. */
function sourceOf(path: string, step: Step): string | null {
  if (step.op === 'link') return step.args.from;
  if (step.op !== 'rename') return path;
  const { from, to } = step.args;
  if (path === to) return from;
  return path === from ? to : null;
}

function note(file: FileHistory, { size, content }: Contents): void {
  const state = { size, content };
  const known = file.states?.at(-1);
  if (file.states === null || isDeepStrictEqual(known, state)) return;
  file.states = [...file.states, state];
}
