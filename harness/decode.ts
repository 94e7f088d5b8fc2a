import { ERRNO, errnoName } from '../model/errno.ts';
import type { MountView, ObservedDirents } from '../model/observation.ts';
import type { ObservedStat, ObservedStatx } from '../model/observation.ts';
import type { ObservedStep, ObservedTrace } from '../model/observation.ts';
import { OPS } from '../model/ops/index.ts';
import type { OpName } from '../model/ops/index.ts';
import { REMOUNTS } from '../model/ops/op.ts';
import type { ResultKind } from '../model/ops/op.ts';
import { unseenBytes } from '../model/prediction.ts';
import type { Observation } from '../model/prediction.ts';
import { FILE_FLAGS, FILE_XFLAGS, FS_XFLAG_HASATTR } from './constants.ts';
import { HarnessError } from './errors.ts';
import type { EncodedScenario, EncodedStep } from './encode.ts';
import { readI64, readIno, readTime, ResultsReader } from './protocol/results.ts';
import type { CallResult } from './protocol/results.ts';
import { SHOWN_FLAGS } from './protocol/protocol.ts';
import { decodeBeneath, decodeBeside, decodeEdit, sayMount } from './decode-around.ts';
import { BESIDE_RECIPE, BUSY_RECIPE } from './around-recipes.ts';
import { GUEST } from './guest.ts';
import { decodeHandle, toldOf } from './decode-handle.ts';
import { decodeStatfs } from './decode-statfs.ts';
import { EDIT_RECIPE } from './offline-recipes.ts';
import { CRASH_RECIPE, MOUNT_RECIPE, OTHER_MOUNT_RECIPE, TELLING_CALLS } from './recipes.ts';
import { decodeDedupe } from './shared-file-recipes.ts';
import { decodeEvents, decodeTold } from './watch-recipe.ts';

/** What each kind of result is made of. A new kind does not compile until it is here. */
const DECODERS: Readonly<Record<ResultKind, (calls: readonly CallResult[]) => unknown>> = {
  none: () => null,
  fd: () => null,
  count: (calls) => calls.at(-1)?.value,
  bytes: (calls) => decodeBytes(calls.at(-1)),
  path: (calls) => decodePath(calls.findLast(({ outputs }) => outputs.length > 0)),
  names: ([call]) => decodeNames(call),
  ...{ events: decodeEvents, told: decodeTold },
  stat: ([call]) => decodeStatx(outputOf(call)),
  statx: ([call]) => decodeFullStatx(outputOf(call)),
  statfs: ([layer, call]) => decodeStatfs(outputOf(call), outputOf(layer)),
  fileFlags: ([call]) => decodeFlags(FILE_FLAGS, outputOf(call)),
  fileXflags: ([call]) => decodeFlags(FILE_XFLAGS, outputOf(call), FS_XFLAG_HASATTR),
  dirents: ([call]) => decodeDirents(outputOf(call)),
  handle: ([call]) => decodeHandle(outputOf(call)),
  dedupe: decodeDedupe,
  otherMount: (calls) => sayMount(calls.at(OTHER_MOUNT_RECIPE.other)),
  beside: decodeBeside,
  beneath: decodeBeneath,
  busyMount: (calls) => sayMount(calls.at(BUSY_RECIPE.busy)),
  reconfigured: (calls) => decodeMountinfo(calls.at(MOUNT_RECIPE.mountinfo)),
  edit: decodeEdit,
  mount: (calls) => decodeMountinfo(calls.at(MOUNT_RECIPE.mountinfo)),
};

const EDIT_TELLS = [EDIT_RECIPE.umount, EDIT_RECIPE.mount];

/** Reads what a program brought back. Trouble in what we set up ourselves is a HarnessError. */
export function decode(
  { setupAt, mountAt, isLooked, setsClock, refusable, steps, teardown, aside }: EncodedScenario,
  payload: Buffer,
): ObservedTrace {
  const reader = new ResultsReader(payload, aside);
  const before = startClock(reader, setsClock);
  for (let index = setsClock ? 2 : 1; index < mountAt; index++) {
    const { value } = reader.call();
    if (value >= 0 || index < setupAt) continue;
    if (refusable.get(index)?.includes(-value) !== true) {
      throw ownCallFailed(`set-up call ${index}`, value);
    }
  }
  const calls = readCalls(reader, MOUNT_RECIPE.instructions);
  const mount = observationOf('mount', calls, TELLING_CALLS.remount);
  const trace: ObservedStep[] = [finishStep(reader, mount, before, isLooked)];
  let wasHeld = false;
  let isServed = false;
  for (const encoded of steps) {
    const { observed, isHeld, mountAgain } = decodeStep(reader, encoded, setsClock);
    if (isServed && mountAgain < 0) throw ownCallFailed('the mount by NFS once more', mountAgain);
    if (encoded.step.op === 'nfsMount') isServed = observed.result.ok;
    trace.push(observed);
    wasHeld ||= isHeld;
  }
  const isMounted = steps.every(({ step }, index) => {
    return !unmounts(step.op) || trace[index + 1]?.result.ok === true;
  });
  const freed = readCalls(reader, teardown).at(-1)?.value ?? 0;
  // After a mount that failed there is no telling what is mounted; it is a finding by itself.
  if (freed < 0 && mount.ok && isMounted) throw ownCallFailed('the final umount', freed);
  // What the kernel does not let go of stays busy. Whoever reads links of /proc/PID/fd holds a
  // mount as well, but for a moment.
  if (freed >= 0 && wasHeld) throw new HarnessError('trouble', 'somebody else held the mount');
  if (!reader.isAtEnd) throw new HarnessError('wrong-protocol', 'more results than instructions');
  return untilMountFails(trace, steps);
}

/** A mount that fails ends a trace: there is nothing that the steps after it could be about. */
function untilMountFails(
  trace: readonly ObservedStep[],
  steps: readonly EncodedStep[],
): ObservedTrace {
  const failed = trace.findIndex(({ result }, index) => {
    const step = steps[index - 1]?.step;
    return !result.ok && (step === undefined || unmounts(step.op));
  });
  return failed < 0 ? trace : trace.slice(0, failed + 1);
}

function decodeStep(
  reader: ResultsReader,
  encoded: EncodedStep,
  setsClock: boolean,
): { readonly observed: ObservedStep; readonly isHeld: boolean; readonly mountAgain: number } {
  const before = startClock(reader, setsClock);
  const lead = readCalls(reader, encoded.lead);
  const { value: lastLead = 0 } = lead.at(-1) ?? {};
  const mountAgain = encoded.servedAgain === null ? 0 : (lead[encoded.servedAgain]?.value ?? 0);
  if (encoded.isFull && lastLead !== -ERRNO.ENOSPC) throw ownCallFailed('filling up', lastLead);
  if (encoded.switchesUser) switchUser(reader);
  const calls = readCalls(reader, encoded.instructions);
  if (encoded.switchesUser) switchUser(reader);
  if (encoded.isFull) readCalls(reader, 1);
  const kind = OPS[encoded.step.op].result;
  if (encoded.step.op === 'crash') expectCrash(calls);
  const telling = kind === 'edit' ? EDIT_TELLS : TELLING_CALLS[encoded.step.op];
  const isBeside = kind === 'beside';
  const [unmount = -1] = isBeside ? [BESIDE_RECIPE.umount] : (telling ?? []);
  const isUnmounted = isBeside || unmounts(encoded.step.op);
  const isHeld = isUnmounted && calls.at(unmount)?.value === -ERRNO.EBUSY;
  const observed = observationOf(kind, calls, telling);
  const seen = finishStep(reader, observed, before, encoded.isLooked);
  return { observed: seen, isHeld, mountAgain };
}

function expectCrash(calls: readonly CallResult[]): void {
  const value = calls[CRASH_RECIPE.stop]?.value ?? 0;
  if (value < 0) throw ownCallFailed('the shutdown of a file system', value);
}

/** Whether an operation takes the overlay away for a while. */
function unmounts(op: OpName): boolean {
  return REMOUNTS.has(OPS[op].result);
}

export function observationOf(
  kind: ResultKind,
  calls: readonly CallResult[],
  telling: readonly number[] = [-1],
): Observation<unknown> {
  const values = telling.map((at) => calls.at(at)?.value ?? 0);
  const value = values.find((result) => result < 0) ?? 0;
  if (value < 0) {
    const told = kind === 'handle' ? toldOf(calls[0]) : {};
    return { ok: false, errno: errnoName(-value) ?? -value, ...told };
  }
  return { ok: true, value: DECODERS[kind](calls) };
}

function finishStep(
  reader: ResultsReader,
  result: Observation<unknown>,
  before: ObservedStep['before'],
  isLooked: boolean,
): ObservedStep {
  const merged = isLooked ? reader.dump() : null;
  const base = reader.dump();
  const after = readClock(reader);
  return {
    result,
    before,
    after,
    merged: merged?.error === 0 ? merged.changes : null,
    base: base.error === 0 ? base.changes : null,
    treeError: merged === null || merged.error === 0 ? base.error : merged.error,
  };
}

function readCalls(reader: ResultsReader, count: number): CallResult[] {
  return Array.from({ length: count }, () => reader.call());
}

function startClock(reader: ResultsReader, setsClock: boolean): ObservedStep['before'] {
  const set = setsClock ? reader.call().value : 0;
  if (set < 0) throw ownCallFailed('clock_settime', set);
  return readClock(reader);
}

function readClock(reader: ResultsReader): ObservedStep['before'] {
  const { value, outputs } = reader.call();
  if (value < 0) throw ownCallFailed('clock_gettime', value);
  return readTime(outputs[0] ?? Buffer.alloc(0), 0, 8);
}

function switchUser(reader: ResultsReader): void {
  for (const { value } of readCalls(reader, 2)) {
    if (value < 0) throw ownCallFailed('the switch of the user', value);
  }
}

export function ownCallFailed(what: string, value: number): HarnessError {
  return new HarnessError('trouble', `${what} failed with ${errnoName(-value) ?? -value}`);
}

/** A call that was given no room tells a length and no bytes. */
function decodeBytes(call: CallResult | undefined): string {
  const bytes = outputOf(call);
  const isLengthOnly = call !== undefined && bytes.length === 0;
  return isLengthOnly ? unseenBytes(call.value) : bytes.toString('latin1');
}

function outputOf(call: CallResult | undefined): Buffer {
  return call?.outputs[0] ?? Buffer.alloc(0);
}

/** An absolute path in the guest, perhaps with a NUL at its end, as the path that led there. */
function decodePath(call: CallResult | undefined): string {
  const path = outputOf(call).toString('latin1').replace(/\0$/, '');
  if (path === GUEST.merged) return '.';
  return path.startsWith(`${GUEST.merged}/`) ? path.slice(GUEST.merged.length + 1) : path;
}

function decodeNames(call: CallResult | undefined): readonly string[] {
  return outputOf(call).toString('latin1').split('\0').slice(0, -1);
}

/** struct statx of the uapi headers. */
function decodeStatx(buffer: Buffer): ObservedStat {
  return {
    mode: buffer.readUInt16LE(28),
    nlink: buffer.readUInt32LE(16),
    uid: buffer.readUInt32LE(20),
    gid: buffer.readUInt32LE(24),
    ino: readIno(buffer, 32),
    size: readI64(buffer, 40),
    blocks: readI64(buffer, 48),
    atime: readTime(buffer, 64, 72),
    ctime: readTime(buffer, 96, 104),
    mtime: readTime(buffer, 112, 120),
    rdev: { major: buffer.readUInt32LE(128), minor: buffer.readUInt32LE(132) },
    flags: buffer.readUInt32LE(8) & SHOWN_FLAGS,
    dev: `${buffer.readUInt32LE(136)}:${buffer.readUInt32LE(140)}`,
  };
}

function decodeFullStatx(buffer: Buffer): ObservedStatx {
  return {
    ...decodeStatx(buffer),
    mask: buffer.readUInt32LE(0),
    attributes: readI64(buffer, 8),
    btime: readTime(buffer, 80, 88),
  };
}

/** Names of flags; what has none here is its number. */
function decodeFlags(
  table: Readonly<Record<string, number>>,
  buffer: Buffer,
  ignored = 0,
): readonly string[] {
  let rest = buffer.readUInt32LE(0) & ~ignored;
  const names = Object.keys(table).filter((name) => (rest & (table[name] ?? 0)) !== 0);
  for (const name of names) rest &= ~(table[name] ?? 0);
  return rest === 0 ? names : [...names, `0x${(rest >>> 0).toString(16)}`];
}

const DIRENT_BYTES_AT = 16;
const DIRENT_NAME_AT = 19;

/** struct linux_dirent64, one after the other. */
function decodeDirents(buffer: Buffer): ObservedDirents {
  const entries: ObservedDirents['entries'][number][] = [];
  let at = 0;
  while (at < buffer.length) {
    const bytes = buffer.readUInt16LE(at + DIRENT_BYTES_AT);
    if (bytes <= DIRENT_NAME_AT) throw new HarnessError('wrong-protocol', 'a torn directory entry');
    const end = buffer.indexOf(0, at + DIRENT_NAME_AT);
    entries.push({
      ino: readIno(buffer, at),
      type: buffer.readUInt8(at + 18),
      name: buffer.toString('latin1', at + DIRENT_NAME_AT, end),
    });
    at += bytes;
  }
  return { entries };
}

/** The folder of a layer, as a path in mountinfo begins. */
const LAYERS_FOLDER = new RegExp(`${GUEST.layers}/(\\d+/)?`, 'g');
const OF_LAYERS = /^(rw|ro|lowerdir|lowerdir\+|datadir\+|upperdir|workdir)(=|$)/;

/** The options of the mount's own file system, which stand after the separator. */
export function decodeMountinfo(...reads: readonly (CallResult | undefined)[]): MountView {
  const lines = Buffer.concat(reads.map(outputOf)).toString('latin1').split('\n');
  const line = lines.find((candidate) => candidate.split(' ')[4] === GUEST.merged);
  if (line === undefined) return { layers: [], options: [] };
  const text = line.split(' - ')[1]?.split(' ')[2] ?? '';
  const options = text.replaceAll(LAYERS_FOLDER, '').split(',');
  const { true: layers = [], false: others = [] } = Object.groupBy(options, (option) =>
    OF_LAYERS.test(option) ? 'true' : 'false',
  );
  return { layers, options: others };
}
