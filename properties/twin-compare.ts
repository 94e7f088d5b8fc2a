import type { Difference, KernelIno, ObservedNode, ObservedStat } from '../model/observation.ts';
import type { ObservedStep, ObservedTrace, Seen } from '../model/observation.ts';
import { withoutNumber } from '../model/compare-result.ts';
import { OPS } from '../model/ops/index.ts';
import type { Step } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { ResultKind } from '../model/ops/op.ts';
import { quote } from '../model/print.ts';
import { withEpilogue } from '../model/scenario.ts';
import type { Scenario } from '../model/scenario.ts';
import type { SetTime } from '../model/time.ts';
import { CHANGES_ON_BASES } from './twin-bases.ts';
import { TwinFiles } from './twin-files.ts';
import { SECOND_FORM, sharedInos } from './plain-tree.ts';
import type { PlainTree } from './plain-tree.ts';
import { isOwnEnd, OWN_CHANGES, OWN_FIELDS, OWN_RESULTS } from './twin-exceptions.ts';
import { OWN_VALUES } from './twin-exceptions.ts';
import type { OwnChange } from './twin-exceptions.ts';

/** One of the two, and how far it got. */
class Side {
  readonly merged = new Map<string, Seen>();
  readonly base = new Map<string, Seen>();
  /** When each step of the scenario ran; null for one that was not made. */
  readonly clocks: (ObservedStep | null)[] = [];

  apply(step: ObservedStep | null): void {
    this.clocks.push(step);
    for (const tree of ['merged', 'base'] as const) {
      for (const [path, change] of step?.[tree] ?? []) {
        if (change.kind === 'gone') this[tree].delete(path);
        else this[tree].set(path, change);
      }
    }
  }
}

interface Twins {
  readonly plain: Side;
  readonly overlay: Side;
  readonly scenario: Scenario;
  readonly files: TwinFiles;
  /** Inodes of which the overlay counts other names than the plain tree has. */
  readonly shared: ReadonlySet<KernelIno>;
  readonly add: (field: string, at: string, plain: string, overlay: string) => void;
}

/** What ran on both, and which steps were made on the plain file system as well. */
export interface TwinRun {
  readonly scenario: Scenario;
  readonly entries: PlainTree;
  readonly made: readonly boolean[];
  readonly plain: ObservedTrace;
  readonly overlay: ObservedTrace;
}

/** All that differs in the first step in which the twins do. */
export function compareTwins({ scenario, entries, made, plain, overlay }: TwinRun): Difference[] {
  const { steps } = withEpilogue(scenario);
  const differences: Difference[] = [];
  const twins: Twins = {
    ...{ plain: new Side(), overlay: new Side(), scenario, files: new TwinFiles() },
    shared: sharedInos(overlay[0]?.merged ?? new Map(), entries),
    add: (field, at, predicted, observed) => {
      const step = twins.overlay.clocks.length - 1;
      differences.push({ step, field, at, predicted, observed });
    },
  };
  let next = 0;
  for (const [index, seen] of overlay.entries()) {
    const isMade = index === 0 || made[index - 1] === true;
    const said = isMade ? plain[next++] : null;
    if (said === undefined) return [];
    twins.plain.apply(said);
    twins.overlay.apply(seen);
    const step = steps[index - 1];
    // A mount that is refused, as a volatile one is, leaves nothing to compare.
    if (step !== undefined && isRefusedMount(step, seen)) return [];
    if (step !== undefined && said !== null) compareResults(twins, step, said, seen);
    if (step !== undefined && !seen.result.ok && isOwnEnd(step, seen.result.errno)) return [];
    compareTrees(twins, said, seen);
    if (differences.length > 0)
      return isOwnChange(twins, step, seen, differences) ? [] : differences;
    if (step !== undefined && seen.result.ok) twins.files.note(step, twins.plain, twins.overlay);
  }
  return [];
}

function isRefusedMount({ op }: Step, { result }: ObservedStep): boolean {
  return !result.ok && REMOUNTS.has(OPS[op].result);
}

/** Whether all that differs is what the overlay does by itself. */
function isOwnChange(
  { scenario, files, plain }: Twins,
  step: Step | undefined,
  { result }: ObservedStep,
  differences: readonly Difference[],
): boolean {
  if (step === undefined) return false;
  const isNamed = (handle: number): boolean => files.isNamed(handle, plain);
  const answer = differences.find(({ field }) => field === 'result errno');
  const own = [...OWN_CHANGES, ...CHANGES_ON_BASES].filter((change) => {
    const { ops, bases = [scenario.base], onlyFailed = false, answers, if: holds } = change;
    if (!ops.includes(step.op) || !bases.includes(scenario.base)) return false;
    if ((onlyFailed && result.ok) || !isAnswered(answers, answer)) return false;
    return holds?.(step, scenario, isNamed) ?? true;
  });
  return differences.every(({ field }) => own.some(({ fields }) => fields.includes(field)));
}

function isAnswered(answers: OwnChange['answers'], answer: Difference | undefined): boolean {
  if (answers === undefined || answer === undefined) return true;
  const [plain, overlay] = answers;
  return plain.includes(answer.predicted) && overlay === answer.observed;
}

function compareResults(
  twins: Twins,
  step: Step,
  plain: ObservedStep,
  overlay: ObservedStep,
): void {
  const kind = OPS[step.op].result;
  if (OWN_RESULTS[kind] !== undefined || twins.files.ownResult(step, twins.plain) !== null) return;
  const [said, seen] = [plain.result, overlay.result];
  const [outcome, other] = [said, seen].map((each) => (each.ok ? 'success' : String(each.errno)));
  if (outcome !== other) twins.add('result errno', 'result', outcome ?? '', other ?? '');
  if (!said.ok || !seen.ok || OWN_VALUES[kind] !== undefined) return;
  if (kind === 'stat' || kind === 'statx') {
    // Both are of the kind of result of the operation.
    compareStats(twins, 'result', said.value as ObservedStat, seen.value as ObservedStat);
    return;
  }
  const [a, b] = [said.value, seen.value].map((value) => printValue(kind, value));
  if (a !== b) twins.add('result', 'result', a ?? '', b ?? '');
}

function printValue(kind: ResultKind, value: unknown): string {
  if (typeof value === 'string') return quote(kind === 'path' ? withoutNumber(value) : value);
  if (!Array.isArray(value)) return JSON.stringify(value);
  // Names come in any order, and copy-up leaves this flag behind.
  const names = value.map(String).filter((name) => name !== 'FS_NODUMP_FL');
  return names.sort().join(' ');
}

function compareTrees(twins: Twins, plain: ObservedStep | null, overlay: ObservedStep): void {
  if (overlay.merged === null || plain?.merged === null) {
    const [said = 0, seen] = [plain?.treeError, overlay.treeError];
    if (said !== seen) twins.add('tree', 'merged', String(said), String(seen));
    return;
  }
  for (const path of new Set([...(plain?.merged.keys() ?? []), ...overlay.merged.keys()])) {
    const [said, seen] = [twins.plain.merged.get(path), twins.overlay.merged.get(path)];
    if (said?.kind === 'node' && seen?.kind === 'node') compareNodes(twins, path, said, seen);
    else if (said?.kind !== seen?.kind) {
      twins.add('merged', `merged ${path}`, said?.kind ?? 'nothing', seen?.kind ?? 'nothing');
    }
  }
}

function compareNodes(
  twins: Twins,
  path: string,
  plain: ObservedNode,
  overlay: ObservedNode,
): void {
  const where = `merged ${path}`;
  const add = (field: string, said: string, seen: string): void => {
    if (said !== seen) twins.add(`merged ${field}`, `${where} ${field}`, said, seen);
  };
  compareStats(twins, where, plain, overlay);
  add('d_type', String(plain.dType), String(overlay.dType));
  if (!plain.content.equals(overlay.content)) {
    const [said, seen] = [quote(plain.content), quote(overlay.content)];
    twins.add('merged content', `${where} content`, said, seen);
  }
  add('target', quote(plain.target), quote(overlay.target));
  add('readable', String(plain.dataError), String(overlay.dataError));
  for (const name of new Set([...plain.xattrs.keys(), ...overlay.xattrs.keys()])) {
    if (SECOND_FORM.test(name)) continue;
    const [said, seen] = [plain.xattrs.get(name), overlay.xattrs.get(name)].map((value) => {
      return typeof value === 'string' ? quote(value) : String(value ?? 'nothing');
    });
    add(`xattr ${name}`, said ?? '', seen ?? '');
  }
}

/** How each field is compared and printed; ctime is not, see the exceptions. */
const STAT_FIELDS = {
  mode: ({ mode }) => `0${mode.toString(8)}`,
  uid: ({ uid }) => String(uid),
  gid: ({ gid }) => String(gid),
  rdev: ({ rdev }) => `${rdev.major}:${rdev.minor}`,
  size: ({ size }) => String(size),
  nlink: ({ nlink }) => String(nlink),
  flags: ({ flags }) => `0x${flags.toString(16)}`,
} as const satisfies Partial<Record<keyof ObservedStat, (stat: ObservedStat) => string>>;

function compareStats(
  twins: Twins,
  where: string,
  plain: ObservedStat,
  overlay: ObservedStat,
): void {
  const own = OWN_FIELDS.filter((entry) => entry.if(plain, overlay, twins.scenario));
  const ownFields = new Set(own.flatMap(({ fields }) => fields));
  if (twins.shared.has(overlay.ino)) ownFields.add('nlink');
  const what = where === 'result' ? 'result' : 'merged';
  const add = (field: keyof ObservedStat, said: string, seen: string): void => {
    twins.add(`${what} ${field}`, `${where} ${field}`, said, seen);
  };
  for (const [name, text] of Object.entries(STAT_FIELDS)) {
    const field = name as keyof typeof STAT_FIELDS; // The table has no other keys.
    const [said, seen] = [text(plain), text(overlay)];
    if (said !== seen && !ownFields.has(field)) add(field, said, seen);
  }
  for (const field of ['atime', 'mtime'] as const) {
    if (ownFields.has(field) || isSameTime(twins, plain[field], overlay[field])) continue;
    add(field, say(twins.plain, plain[field]), say(twins.overlay, overlay[field]));
  }
}

/** The steps during which a stamp may have been taken. */
function stepsOf({ clocks }: Side, time: SetTime): readonly number[] {
  return clocks.flatMap((clock, index) => {
    if (clock === null) return [];
    return isEarlier(time, clock.before) || isEarlier(clock.after, time) ? [] : [index];
  });
}

function isSameTime({ plain, overlay }: Twins, said: SetTime, seen: SetTime): boolean {
  if (said.sec === seen.sec && said.nsec === seen.nsec) return true;
  const steps = new Set(stepsOf(plain, said));
  return stepsOf(overlay, seen).some((step) => steps.has(step));
}

function say(side: Side, time: SetTime): string {
  const [step] = stepsOf(side, time);
  return step === undefined ? `${time.sec}.${String(time.nsec).padStart(9, '0')}` : `step ${step}`;
}

function isEarlier(a: SetTime, b: SetTime): boolean {
  return a.sec < b.sec || (a.sec === b.sec && a.nsec < b.nsec);
}
