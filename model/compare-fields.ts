import type { Add, Comparison } from './compare.ts';
import { sayIno } from './ino.ts';
import type { ObservedStat, ObservedStatx, StatView, StatxView } from './observation.ts';
import type { DeviceNumber, FileType } from './state.ts';
import { isEitherTime, isSetTime } from './time.ts';
import type { SetTime, Time } from './time.ts';

export const TYPE_BITS: Readonly<Record<FileType, number>> = {
  fifo: 0o010000,
  chr: 0o020000,
  dir: 0o040000,
  blk: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  sock: 0o140000,
};

const TYPE_MASK = 0o170000;
export const D_TYPE_SHIFT = 12;

type Field = (
  comparison: Comparison,
  predicted: StatView,
  observed: ObservedStat,
) => readonly [predicted: string, observed: string] | null;

/** How each field of a status is compared. A new field does not compile until it is here. */
const STAT_FIELDS: Readonly<Record<Exclude<keyof StatView, 'namesInSize'>, Field>> = {
  type: (_, { type }, { mode }) =>
    (mode & TYPE_MASK) === TYPE_BITS[type] ? null : [type, typeOfMode(mode)],
  mode: (_, { mode }, observed) => octal(mode, observed.mode & ~TYPE_MASK),
  uid: (_, predicted, observed) => same(predicted.uid, observed.uid),
  gid: (_, predicted, observed) => same(predicted.gid, observed.gid),
  nlink: (_, predicted, observed) => same(predicted.nlink, observed.nlink),
  size: (_, { size, namesInSize }, observed) =>
    size > (namesInSize?.bytesMax ?? Infinity) ? null : same(size, observed.size),
  blocks: (_, { blocks }, observed) => (blocks === null ? null : same(blocks, observed.blocks)),
  ino: ({ identities }, { ino }, observed) =>
    identities.agree(ino, observed.ino) ? null : [sayIno(ino), identities.say(observed.ino)],
  dev: ({ devices }, { dev }, observed) => {
    return devices.agree(dev, observed.dev) ? null : [dev, devices.say(observed.dev)];
  },
  rdev: (_, { rdev }, observed) =>
    rdev.major === observed.rdev.major && rdev.minor === observed.rdev.minor
      ? null
      : [sayDevice(rdev), sayDevice(observed.rdev)],
  flags: (_, predicted, observed) => hex(predicted.flags, observed.flags),
  atime: (comparison, { atime }, observed) => compareTime(comparison, atime, observed.atime),
  mtime: (comparison, { mtime }, observed) => compareTime(comparison, mtime, observed.mtime),
  ctime: (comparison, { ctime }, observed) => compareTime(comparison, ctime, observed.ctime),
};

const STAT_ENTRIES = Object.entries(STAT_FIELDS).map(
  ([name, field]) => [`st_${name}`, field] as const,
);

export function compareStat(
  comparison: Comparison,
  where: string,
  path: string,
  predicted: StatView,
  observed: ObservedStat,
  add: Add,
): void {
  for (const [name, field] of STAT_ENTRIES) {
    const difference = field(comparison, predicted, observed);
    if (difference === null) continue;
    add(`${where} ${name}`, `${where} ${path} ${name}`, difference[0], difference[1]);
  }
}

export function compareStatx(
  comparison: Comparison,
  predicted: StatxView,
  observed: ObservedStatx,
  add: Add,
): void {
  compareStat(comparison, 'result', '', predicted, observed, add);
  const fields = {
    stx_mask: hex(predicted.mask, observed.mask),
    stx_attributes: hex(predicted.attributes, observed.attributes),
    stx_btime: compareTime(comparison, predicted.btime, observed.btime),
  };
  for (const [name, difference] of Object.entries(fields)) {
    if (difference === null) continue;
    add(`result ${name}`, `result ${name}`, difference[0], difference[1]);
  }
}

/** Whether a d_type of getdents is that of a file type. */
export function isDType(type: FileType, dType: number): boolean {
  return TYPE_BITS[type] >> D_TYPE_SHIFT === dType;
}

export function typeOfMode(mode: number): string {
  const found = Object.entries(TYPE_BITS).find(([, bits]) => bits === (mode & TYPE_MASK));
  return found?.[0] ?? `mode ${mode.toString(8)}`;
}

/** A time that was set must be that; one of a step must lie between the clocks around it. */
function compareTime(
  comparison: Comparison,
  predicted: Time,
  observed: SetTime,
): readonly [string, string] | null {
  const { clocks } = comparison;
  if (isEitherTime(predicted)) {
    const differ = predicted.either.map((time) => compareTime(comparison, time, observed));
    const said = differ.flatMap((difference) => difference?.[0] ?? []);
    const isEqual = differ.includes(null);
    return isEqual ? null : [said.join(' or '), sayObserved(clocks, observed)];
  }
  if (isSetTime(predicted)) {
    const isEqual = predicted.sec === observed.sec && predicted.nsec === observed.nsec;
    return isEqual ? null : [sayTime(predicted), sayObserved(clocks, observed)];
  }
  const clock = clocks[predicted];
  if (clock !== undefined && isWithin(clock, observed)) return null;
  return [`step ${predicted}`, sayObserved(clocks, observed)];
}

function isWithin(
  { before, after }: { readonly before: SetTime; readonly after: SetTime },
  time: SetTime,
): boolean {
  return !isEarlier(time, before) && !isEarlier(after, time);
}

function isEarlier(a: SetTime, b: SetTime): boolean {
  return a.sec < b.sec || (a.sec === b.sec && a.nsec < b.nsec);
}

function sayObserved(clocks: Comparison['clocks'], time: SetTime): string {
  const step = clocks.findIndex((clock) => isWithin(clock, time));
  return step < 0 ? sayTime(time) : `step ${step}`;
}

function sayTime({ sec, nsec }: SetTime): string {
  return `${sec}.${String(nsec).padStart(9, '0')}`;
}

function sayDevice({ major, minor }: DeviceNumber): string {
  return `${major}:${minor}`;
}

function same(
  predicted: number | string,
  observed: number | string,
): readonly [string, string] | null {
  return predicted === observed ? null : [String(predicted), String(observed)];
}

function octal(predicted: number, observed: number): readonly [string, string] | null {
  if (predicted === observed) return null;
  return [`0${predicted.toString(8)}`, `0${observed.toString(8)}`];
}

function hex(predicted: number, observed: number): readonly [string, string] | null {
  if (predicted === observed) return null;
  return [`0x${predicted.toString(16)}`, `0x${observed.toString(16)}`];
}
