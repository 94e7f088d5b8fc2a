import { OPS } from './ops/index.ts';
import type { OpName, Step } from './ops/index.ts';
import type { ArgKind, ArgKinds, LayerName, ResultKind, ResultKinds, TimeArg } from './ops/op.ts';
import type { MountView, ObservedHandle, ObservedDirents } from './observation.ts';
import type { ObservedStat, StatView } from './observation.ts';
import { typeOfMode } from './compare-fields.ts';
import { sayHandle } from './handle.ts';
import { sayIno } from './ino.ts';
import { printFlags, printPosition, quote } from './print.ts';
import { printAround } from './print-around.ts';
import { printOnFile } from './print-on-file.ts';
import type { Observation, Prediction } from './prediction.ts';

/** How each kind of argument is printed. A new kind does not compile until it is here. */
const ARGUMENTS: { readonly [K in ArgKind]: (value: ArgKinds[K]) => string } = {
  path: quote,
  target: quote,
  xattrName: quote,
  bytes: quote,
  mode: octal,
  device: ({ type, major, minor }) => (type === 'fifo' ? '0' : `makedev(${major}, ${minor})`),
  fd: (slot) => `fd${slot}`,
  newFd: (slot) => `fd${slot}`,
  offset: String,
  map: (slot) => `map${slot}`,
  newMap: (slot) => `map${slot}`,
  position: printPosition,
  size: String,
  owner: String,
  time: printTime,
  openFlags: printOpenFlags,
  reopenFlags: printOpenFlags,
  statusFlags: printFlags,
  rwFlags: printFlags,
  resolveFlags: printFlags,
  renameFlags: printFlags,
  fallocateFlags: printFlags,
  xattrFlags: printFlags,
  atFlags: printFlags,
  fsRequest: String,
  fileFlags: printFlags,
  fileXflags: printFlags,
  statxFlags: printFlags,
  statxMask: printFlags,
  accessMode: (modes) => (modes.length === 0 ? 'F_OK' : modes.join('|')),
  protection: printFlags,
  mapSharing: String,
  msyncFlags: printFlags,
  flockKind: (kind) => `${kind}|LOCK_NB`,
  lockType: String,
  umask: octal,
  whence: String,
  handle: (slot) => `handle${slot}`,
  newHandle: (slot) => `handle${slot}`,
  handleFlags: printFlags,
  handleType: (type) => `0x${type.toString(16)}`,
  handleBody: quote,
  layer: printLayer,
  markName: quote,
  mountOptions: quote,
  lowerOrder: String,
  copyKeeps: printFlags,
  replacement: (by) => (by === 'empty' ? by : printFlags(by)),
  workFate: String,
  otherFs: String,
  journal: String,
  room: String,
  besideChange: String,
  beneathChange: String,
  beneathCall: String,
  ...{ watchCaches: String, watchedChange: String },
  takenLayers: String,
  mountAccess: String,
  outside: printOutside,
  newOutside: printOutside,
  outsidePlace: String,
  nfsVersion: String,
  syncCall: String,
  damage: (damage) => (damage === 'none' ? '' : ` with byte ${damage.byte} ^ ${damage.flip}`),
};

function printOutside(slot: number): string {
  return `outside${slot}`;
}

const ACCESS = /O_RDONLY|O_WRONLY|O_RDWR|O_PATH/;

/** Numbers in templates that have a name. */
const CONSTANTS: Readonly<Record<number, string>> = {
  4: 'F_SETFL',
  0x100: 'AT_SYMLINK_NOFOLLOW',
  0x200: 'AT_REMOVEDIR',
  0x1000: 'AT_EMPTY_PATH',
  0x7ff: 'STATX_BASIC_STATS',
  0x4004_9409: 'FICLONE',
  0x8008_6601: 'FS_IOC_GETFLAGS',
  0x801c_581f: 'FS_IOC_FSGETXATTR',
};

/** A step as strace prints its call: `unlinkat(AT_FDCWD, "a/b", 0)`. */
export function printStep(step: Step): string {
  const user = step.as === undefined || step.as === 'root' ? '' : `${step.as}: `;
  // What is done to a layer is done between unmount and mount.
  const layer = 'layer' in step.args ? `${printLayer(step.args.layer)}: ` : '';
  return user + layer + printCall(step);
}

function printLayer(layer: LayerName): string {
  return typeof layer === 'number' ? `l${layer}` : layer;
}

function printCall(step: Step): string {
  switch (step.op) {
    case 'mknod':
    case 'offlineMknod':
      return printMknod(step.args);
    case 'encodeHandle': {
      const { path, handle, size, flags } = step.args;
      const room = `handle${handle}[${size}]`;
      return `name_to_handle_at(AT_FDCWD, ${quote(path)}, ${room}, ${printFlags(flags)})`;
    }
    case 'encodeFdHandle': {
      const { fd, handle, size, flags } = step.args;
      const names = printFlags(['AT_EMPTY_PATH', ...flags]);
      return `name_to_handle_at(fd${fd}, "", handle${handle}[${size}], ${names})`;
    }
    case 'openHandle': {
      const { handle, damage, flags } = step.args;
      const bits = ARGUMENTS.damage(damage);
      return `open_by_handle_at(".", handle${handle}${bits}, ${printOpenFlags(flags)})`;
    }
    case 'openMadeHandle': {
      const { handleType, body, flags } = step.args;
      const handle = `{${body.length}, ${ARGUMENTS.handleType(handleType)}, ${quote(body)}}`;
      return `open_by_handle_at(".", ${handle}, ${printOpenFlags(flags)})`;
    }
    case 'openHandleCold': {
      const { handle, flags } = step.args;
      const opening = `open_by_handle_at(".", handle${handle}, ${printOpenFlags(flags)})`;
      return `mount(NULL, ".", NULL, MS_REMOUNT, NULL), ${opening}`;
    }
    case 'mmap': {
      const { map, size, protection, sharing, fd, offset } = step.args;
      const flags = `${printFlags(protection)}, ${sharing}|MAP_FIXED`;
      return `mmap(map${map}, ${size}, ${flags}, fd${fd}, ${offset})`;
    }
    case 'readMap':
      return `memcpy(..., map${step.args.map} + ${step.args.offset}, ${step.args.size})`;
    case 'writeMap': {
      const { map, offset, bytes } = step.args;
      return `memcpy(map${map} + ${offset}, ${quote(bytes)}, ${bytes.length})`;
    }
    case 'crash': {
      const how = step.args.journal === 'flushed' ? 'LOGFLUSH' : 'NOLOGFLUSH';
      return `ioctl(upper, EXT4_IOC_SHUTDOWN, EXT4_GOING_FLAGS_${how}), remount`;
    }
    case 'offlineCreate':
    case 'offlineWrite':
      return printContent(step);
    default:
      return printAround(step) ?? printOnFile(step) ?? printTemplate(step);
  }
}

function printMknod({ path, mode, device }: Extract<Step, { op: 'mknod' }>['args']): string {
  const type = { fifo: 'S_IFIFO', chr: 'S_IFCHR', blk: 'S_IFBLK' }[device.type];
  const number = ARGUMENTS.device(device);
  return `mknodat(AT_FDCWD, ${quote(path)}, ${type}|${octal(mode)}, ${number})`;
}

function printContent({
  op,
  args,
}: Extract<Step, { op: 'offlineCreate' | 'offlineWrite' }>): string {
  const { path, bytes } = args;
  const flags =
    op === 'offlineCreate' ? `O_WRONLY|O_CREAT|O_EXCL, ${octal(args.mode)}` : 'O_WRONLY';
  const at = op === 'offlineCreate' ? 0 : args.offset;
  const writing = `pwrite64(..., ${quote(bytes)}, ${bytes.length}, ${at})`;
  return `openat(AT_FDCWD, ${quote(path)}, ${flags}), ${writing}`;
}

function printTemplate(step: Step): string {
  const { syscall, args: kinds } = OPS[step.op] as {
    readonly syscall: readonly (string | number)[];
    readonly args: Readonly<Record<string, ArgKind>>;
  };
  const args: Readonly<Record<string, unknown>> = { ...step.args };
  const [name = '', ...places] = syscall;
  const printed = places.map((place) => {
    if (typeof place === 'number') return CONSTANTS[place] ?? String(place);
    if (place === '$times')
      return `[${printArg('time', args['atime'])}, ${printArg('time', args['mtime'])}]`;
    if (place.startsWith('out:')) return '...';
    const argument = place.slice(place.indexOf('$') + 1);
    if (place.startsWith('len:')) return String((args[argument] as string).length);
    const kind = kinds[argument];
    return kind === undefined ? place : printArg(kind, args[argument]);
  });
  return `${name}(${printed.join(', ')})`;
}

export function printArg(kind: ArgKind, value: unknown): string {
  // The value is of the kind that its operation declares.
  return (ARGUMENTS[kind] as (value: never) => string)(value as never);
}

function printTime(time: TimeArg): string {
  return typeof time === 'string' ? time : `{${time.sec}, ${time.nsec}}`;
}

function printOpenFlags(flags: readonly string[]): string {
  return printFlags(ACCESS.test(flags.join()) ? flags : ['O_RDONLY', ...flags]);
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}

/** How the value of each kind of result is printed, the model's and the kernel's alike. */
const RESULTS: { readonly [R in ResultKind]: (value: ResultKinds[R]) => string } = {
  none: () => '0',
  fd: () => 'fd',
  count: (count) => (count === null ? 'anything' : String(count)),
  bytes: (bytes) => `${bytes.length} ${quote(bytes)}`,
  path: quote,
  names: (names) => `[${names.toSorted().join(', ')}]`,
  events: (events) => `[${events.toSorted().join(', ')}]`,
  stat: printStat,
  statx: printStat,
  statfs: ({ type, nameBytesMax, fsid }) =>
    `{f_type=0x${type.toString(16)}, f_namelen=${nameBytesMax}, f_fsid ${fsid}}`,
  fileFlags: printFlags,
  fileXflags: printFlags,
  dirents: ({ must }) => `{${[...must.keys()].toSorted().join(', ')}}`,
  dedupe: (text) => text ?? 'anything',
  otherMount: String,
  beside: String,
  ...{ beneath: String, told: String },
  busyMount: String,
  reconfigured: printMount,
  edit: String,
  handle: ({ ino, isUpper }) => sayHandle(sayIno(ino), isUpper),
  mount: printMount,
};

function printMount({ options, results = [] }: MountView): string {
  return [...results, options.join(',')].filter((text) => text !== '').join(' ');
}

/** What the model says a call returns, such as `0` or `-1 EISDIR`. */
export function printPrediction(op: OpName | 'mount', result: Prediction<unknown>): string {
  if (!result.ok) return `-1 ${result.anyOf.join(' or ')}${printTold(result)}`;
  const kind = op === 'mount' ? 'mount' : OPS[op].result;
  // The value is of the result kind of its own operation.
  return (RESULTS[kind] as (value: never) => string)(result.value as never);
}

/** What the kernel returned, in the same form. */
export function printObservation(op: OpName | 'mount', result: Observation<unknown>): string {
  if (!result.ok) return `-1 ${result.errno}${printTold(result)}`;
  const kind = op === 'mount' ? 'mount' : OPS[op].result;
  if (kind === 'dirents') {
    const { entries } = result.value as ObservedDirents; // What a listing is decoded to.
    return `{${entries
      .map(({ name }) => name)
      .toSorted()
      .join(', ')}}`;
  }
  if (kind === 'handle') {
    const { type, bytes } = result.value as ObservedHandle; // What a handle is decoded to.
    return `handle of type 0x${type.toString(16)} with ${bytes.length} bytes`;
  }
  if (kind === 'stat' || kind === 'statx') {
    return printObservedStat(result.value as ObservedStat); // What a status is decoded to.
  }
  return (RESULTS[kind] as (value: never) => string)(result.value as never);
}

function printTold({ told }: { readonly told?: string }): string {
  return told === undefined ? '' : ` (${told})`;
}

/** Times are left out: step numbers and clocks could not be compared by eye. */
function printStat({ type, mode, nlink, uid, gid, size }: StatView): string {
  return `{${type} ${octal(mode)}, nlink=${nlink}, ${uid}:${gid}, size=${size}}`;
}

function printObservedStat({ mode, nlink, uid, gid, size }: ObservedStat): string {
  const permissions = octal(mode & 0o7777);
  return `{${typeOfMode(mode)} ${permissions}, nlink=${nlink}, ${uid}:${gid}, size=${size}}`;
}
