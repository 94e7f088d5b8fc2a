import { D_TYPE_SHIFT, TYPE_BITS } from './compare-fields.ts';
import { ERRNO } from './errno.ts';
import { CONNECTABLE_DIR, makeHandle, OVERLAY_HANDLE_TYPE, WIRE_PADDING } from './handle.ts';
import { makePlainHandle, PLAIN_HANDLE_TYPE } from './handle.ts';
import { plus } from './identities.ts';
import { hasFsid, partsOfIno } from './ino.ts';
import type { HandleView, ObservedHandle } from './observation.ts';
import type { DeviceName, KernelIno } from './observation.ts';
import type { DirentsView, ObservedDirents, ObservedNode, ObservedStat } from './observation.ts';
import type { ObservedStep, ObservedTrace, ObservedUnreadable } from './observation.ts';
import type { PredictedTrace, StatView, StatxView, StepPrediction } from './observation.ts';
import type { Tree, TreeChanges, TreeEntry, XattrValue } from './observation.ts';
import { OPS } from './ops/index.ts';
import type { ResultKind } from './ops/op.ts';
import type { Prediction } from './prediction.ts';
import type { Scenario } from './scenario.ts';
import type { FileType } from './state.ts';
import { isEitherTime, isSetTime } from './time.ts';
import type { SetTime, Time } from './time.ts';

/** Where the made-up clock starts: between the times that layers have and those that steps set. */
const CLOCK_START_SEC = 1_600_000_000;
/** So that no number is by chance the same on both sides. */
const INO_START = 5000;
const BASE_MINOR = 40;
const PSEUDO_MINOR = 60;
const OVERLAY_DEVICE = '0:90';

/**
 * The trace that a kernel shows which does exactly what was predicted: a model that has a bug put
 * in plays the kernel this way. Where more than one answer is right, it gives the first.
 */
export function concretise(predicted: PredictedTrace, scenario: Scenario): ObservedTrace {
  let merged: Tree = new Map();
  let base: Tree = new Map();
  const handedOut = new Map<number, Set<string>>();
  return predicted.map((step, index): ObservedStep => {
    const kind = kindAt(scenario, index);
    const clock = timeOf(index);
    const observed = {
      result: resultOf(step.result, kind, handedOut),
      before: clock,
      after: clock,
      merged: step.merged === null ? null : changesBetween(merged, step.merged),
      base: changesBetween(base, step.base),
      treeError: step.merged === null ? ERRNO.ENOENT : 0,
    };
    merged = step.merged ?? merged;
    base = step.base;
    return observed;
  });
}

function kindAt(scenario: Scenario, index: number): ResultKind {
  const step = scenario.steps[index - 1];
  return step === undefined ? 'mount' : OPS[step.op].result;
}

function resultOf(
  predicted: StepPrediction['result'],
  kind: ResultKind,
  handedOut: Map<number, Set<string>>,
): ObservedStep['result'] {
  if (!predicted.ok) return { ok: false, errno: firstErrno(predicted), ...toldBy(predicted) };
  const { value } = predicted;
  // The value is of the result kind of its own operation.
  if (kind === 'stat') return { ok: true, value: statOf(value as StatView) };
  if (kind === 'statx') {
    const view = value as StatxView; // Of its own result kind, as above.
    const { mask, attributes, btime } = view;
    return { ok: true, value: { ...statOf(view), mask, attributes, btime: timeOf(btime) } };
  }
  if (kind === 'dirents') {
    return { ok: true, value: nextEntries(value as DirentsView, handedOut) };
  }
  if (kind === 'handle') return { ok: true, value: handleOf(value as HandleView) };
  return { ok: true, value };
}

function handleOf({ ino, isUpper, isPlain, isConnectable, hasNoUuid }: HandleView): ObservedHandle {
  if (isPlain === true) return { type: PLAIN_HANDLE_TYPE, bytes: makePlainHandle(inoOf(ino)) };
  return {
    type: OVERLAY_HANDLE_TYPE | (isConnectable ? CONNECTABLE_DIR : 0),
    bytes: WIRE_PADDING + makeHandle(INO_START + ino, { isUpper, hasNoUuid: hasNoUuid === true }),
  };
}

function toldBy({ told }: { readonly told?: string }): { readonly told?: string } {
  return told === undefined ? {} : { told };
}

function firstErrno(failure: Prediction<unknown>): keyof typeof ERRNO {
  const first = failure.ok ? undefined : failure.anyOf[0];
  if (first === undefined) throw new RangeError('a failure without an errno');
  return first;
}

/** All that this pass has not handed out yet; then nothing, which is the end. */
function nextEntries(
  { listing, must }: DirentsView,
  handedOut: Map<number, Set<string>>,
): ObservedDirents {
  const seen = handedOut.get(listing) ?? new Set<string>();
  handedOut.set(listing, seen);
  const entries = [...must]
    .filter(([name]) => !seen.has(name))
    .map(([name, { ino, type }]) => ({ name, ino: inoOf(ino), type: dTypeOf(type) }));
  for (const { name } of entries) seen.add(name);
  return { entries };
}

function changesBetween(before: Tree, after: Tree): TreeChanges {
  const changes = new Map<string, ObservedNode | ObservedUnreadable | { readonly kind: 'gone' }>();
  for (const path of before.keys()) if (!after.has(path)) changes.set(path, { kind: 'gone' });
  for (const [path, entry] of after) {
    const old = before.get(path);
    if (old === undefined || !isSameEntry(old, entry)) changes.set(path, entryOf(entry));
  }
  return changes;
}

function isSameEntry(a: TreeEntry, b: TreeEntry): boolean {
  return (
    a.node === b.node &&
    a.dIno === b.dIno &&
    a.dType === b.dType &&
    a.dotIno === b.dotIno &&
    a.dotdotIno === b.dotdotIno
  );
}

function entryOf(entry: TreeEntry): ObservedNode | ObservedUnreadable {
  const { node } = entry;
  const dIno = inoOf(entry.dIno);
  const dType = dTypeOf(entry.dType);
  if (node.kind === 'unreadable') {
    return { kind: 'unreadable', dIno, dType, error: ERRNO[firstErrno(node.error)] };
  }
  const xattrs = new Map([...node.xattrs].map(([name, value]) => [name, xattrOf(value)]));
  const numbers = { dIno, dotIno: inoOf(entry.dotIno), dotdotIno: inoOf(entry.dotdotIno) };
  const { content, target } = node;
  return {
    kind: 'node',
    ...numbers,
    dType,
    ...statOf(node),
    xattrs,
    content,
    target,
    dataError: node.dataError === undefined ? 0 : ERRNO[firstErrno(node.dataError)],
  };
}

function statOf(view: StatView): ObservedStat {
  return {
    mode: TYPE_BITS[view.type] | view.mode,
    uid: view.uid,
    gid: view.gid,
    nlink: view.nlink,
    size: view.size,
    blocks: view.blocks ?? 0,
    ino: inoOf(view.ino),
    dev: deviceOf(view.dev),
    rdev: view.rdev,
    flags: view.flags,
    atime: timeOf(view.atime),
    mtime: timeOf(view.mtime),
    ctime: timeOf(view.ctime),
  };
}

function xattrOf(value: XattrValue): string | number {
  if (typeof value === 'string') return value;
  if ('unreadable' in value) return ERRNO[value.unreadable];
  return 'handleOf' in value
    ? makeHandle(INO_START + value.handleOf, value)
    : 'r'.repeat(value.randomBytes);
}

/** The number of an inode; what was not predicted may be anything. */
function inoOf(ino: number | null): KernelIno {
  if (ino === null) return 0;
  if (!hasFsid(ino)) return INO_START + ino;
  const { plain, added } = partsOfIno(ino);
  return plus(INO_START + plain, added);
}

function deviceOf(name: DeviceName): string {
  const [kind, fs = '0'] = name.split(' ');
  if (kind === 'overlay') return OVERLAY_DEVICE;
  return `0:${(kind === 'base' ? BASE_MINOR : PSEUDO_MINOR) + Number(fs)}`;
}

function dTypeOf(type: FileType): number {
  return TYPE_BITS[type] >> D_TYPE_SHIFT;
}

function timeOf(time: Time): SetTime {
  if (isEitherTime(time)) return timeOf(time.either[0]);
  return isSetTime(time) ? time : { sec: CLOCK_START_SEC + time, nsec: 0 };
}
