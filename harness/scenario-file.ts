import * as v from 'valibot';
import { BOUND } from '../model/flags.ts';
import { OPS } from '../model/ops/index.ts';
import type { ArgKind } from '../model/ops/op.ts';
import { BASE_TYPES, UPPER_TYPES } from '../model/bases.ts';
import { DAMAGEABLE_BYTES, LOSING_BYTES } from '../model/overlay/damage.ts';
import { MARK_NAMES } from '../model/overlay/marks.ts';
import type { Scenario } from '../model/scenario.ts';
import { FALLOCATE_FLAGS, FS_REQUESTS } from './constants.ts';
import { HarnessError } from './errors.ts';
import { bytes, deviceNumber, FILE_FLAGS, flags, layer } from './layer-file.ts';
import { mode, owner, path, upTo } from './layer-file.ts';
import { mounter, mountPlan, parameters, user } from './mount-plan-file.ts';
import { areCheap, protects, saysItsFormat } from './scenario-flags.ts';

const small = upTo(BOUND.fileBytes);
const offset = v.pipe(
  v.number(),
  v.integer(),
  v.minValue(-BOUND.fileBytes),
  v.maxValue(BOUND.fileBytes),
);
const slot = upTo(BOUND.slots - 1);
const handleSlot = upTo(BOUND.handles - 1);
const handleByte = v.picklist([...DAMAGEABLE_BYTES, ...LOSING_BYTES]);
const flip = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(255));
const map = upTo(BOUND.maps - 1);
/** Options that name a path: the layers are ours to name. */
const NAMES_A_PATH = /(^|,)(lowerdir|upperdir|workdir|datadir|lowerdir\+|datadir\+)=/;
const OPTIONS_CHARS = /^[\w=,.+:-]*$/;

const optionString = v.pipe(
  v.string(),
  v.maxLength(BOUND.dataBytes),
  v.regex(OPTIONS_CHARS, 'hold a character that no option has'),
  v.check((text) => !NAMES_A_PATH.test(text), 'must not name layers'),
);

/** What each kind of argument may be. A new kind does not compile until it is here. */
const ARGS: Readonly<Record<ArgKind, v.GenericSchema>> = {
  path,
  target: path,
  xattrName: v.pipe(
    v.string(),
    v.maxLength(2 * BOUND.nameBytes),
    v.regex(/^[ -~]*$/, 'must be printable'),
  ),
  bytes,
  mode,
  device: v.strictObject({
    type: v.picklist(['fifo', 'chr', 'blk']),
    major: deviceNumber,
    minor: deviceNumber,
  }),
  fd: slot,
  newFd: slot,
  offset,
  ...{ map, newMap: map },
  position: v.nullable(offset),
  size: small,
  owner,
  time: v.union([
    v.picklist(['UTIME_NOW', 'UTIME_OMIT']),
    v.strictObject({ sec: upTo(0x7fff_ffff), nsec: upTo(999_999_999) }),
  ]),
  openFlags: flags(
    ...(['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_CREAT', 'O_EXCL', 'O_TRUNC', 'O_APPEND'] as const),
    ...(['O_DIRECTORY', 'O_NOFOLLOW', 'O_TMPFILE', 'O_PATH', 'O_NOATIME', 'O_SYNC'] as const),
    'O_DIRECT',
  ),
  reopenFlags: flags(
    ...(['O_RDONLY', 'O_WRONLY', 'O_RDWR', 'O_TRUNC', 'O_APPEND', 'O_DIRECTORY'] as const),
    ...(['O_NOFOLLOW', 'O_PATH', 'O_NOATIME', 'O_SYNC'] as const),
  ),
  statusFlags: flags('O_APPEND', 'O_NOATIME'),
  rwFlags: flags(
    ...(['RWF_HIPRI', 'RWF_DSYNC', 'RWF_SYNC', 'RWF_NOWAIT'] as const),
    ...(['RWF_APPEND', 'RWF_NOAPPEND'] as const),
  ),
  resolveFlags: flags(
    ...(['RESOLVE_NO_XDEV', 'RESOLVE_NO_MAGICLINKS', 'RESOLVE_NO_SYMLINKS'] as const),
    ...(['RESOLVE_BENEATH', 'RESOLVE_IN_ROOT'] as const),
  ),
  renameFlags: flags('RENAME_NOREPLACE', 'RENAME_EXCHANGE', 'RENAME_WHITEOUT'),
  fallocateFlags: flags(...Object.keys(FALLOCATE_FLAGS)),
  fsRequest: v.picklist(Object.keys(FS_REQUESTS)),
  xattrFlags: flags('XATTR_CREATE', 'XATTR_REPLACE'),
  fileFlags: flags(...FILE_FLAGS, 'FS_EXTENT_FL'),
  fileXflags: flags(...FILE_FLAGS),
  atFlags: flags('AT_SYMLINK_NOFOLLOW', 'AT_SYMLINK_FOLLOW', 'AT_EACCESS', 'AT_EMPTY_PATH'),
  statxFlags: flags(
    ...(['AT_SYMLINK_NOFOLLOW', 'AT_NO_AUTOMOUNT'] as const),
    ...(['AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC'] as const),
  ),
  statxMask: flags(
    ...(['STATX_TYPE', 'STATX_SIZE', 'STATX_INO', 'STATX_MTIME', 'STATX_CTIME'] as const),
    ...(['STATX_BASIC_STATS', 'STATX_BTIME', 'STATX_MNT_ID_UNIQUE', 'STATX__RESERVED'] as const),
  ),
  accessMode: flags('R_OK', 'W_OK', 'X_OK'),
  ...{ handle: handleSlot, newHandle: handleSlot },
  handleFlags: flags('AT_SYMLINK_FOLLOW', 'AT_HANDLE_FID', 'AT_HANDLE_CONNECTABLE'),
  handleType: upTo(255),
  // Without a uuid and a number it names nothing.
  handleBody: v.pipe(v.string(), v.maxLength(129), v.regex(/^[^]{0,12}\0*$/)),
  layer: v.union([
    v.picklist(['upper', 'work']),
    v.pipe(v.string(), v.regex(/^data [0-9]$/, 'must be a layer')),
    v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(BOUND.layers - 1)),
  ]),
  markName: v.picklist(MARK_NAMES),
  mountOptions: optionString,
  lowerOrder: v.picklist(['as they are', 'reversed']),
  copyKeeps: flags('xattrs', 'links'),
  replacement: v.union([v.literal('empty'), flags('xattrs', 'links')]),
  otherFs: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(BOUND.layers)),
  workFate: v.picklist(['stays', 'emptied']),
  journal: v.picklist(['flushed', 'dropped']),
  room: v.picklist(['data', 'inodes']),
  beneathChange: v.picklist(['unlink', 'mkfifo']),
  beneathCall: v.picklist(['unlink', 'mkdir', 'mkfifo', 'rename']),
  besideChange: v.picklist(['none', 'create', 'write', 'chmod', 'unlink', 'rmdir']),
  takenLayers: v.picklist(['upper', 'work', 'upper and work', 'upper as lower']),
  mountAccess: v.picklist(['ro', 'rw']),
  watchCaches: v.picklist(['kept', 'dropped']),
  watchedChange: v.picklist([
    ...(['unlink', 'rmdir', 'rename', 'exchange', 'link', 'mkdir'] as const),
    ...(['write', 'truncate', 'chmod', 'setxattr'] as const),
  ]),
  ...{ outside: slot, newOutside: slot, outsidePlace: v.picklist(['upper', 'second', 'nfs']) },
  nfsVersion: v.picklist(['nfs3', 'nfs40', 'nfs42']),
  syncCall: v.picklist(['fsync', 'fdatasync', 'syncfs', 'FIEMAP']),
  damage: v.union([v.literal('none'), v.strictObject({ byte: handleByte, flip })]),
  protection: flags('PROT_READ', 'PROT_WRITE'),
  mapSharing: v.picklist(['MAP_SHARED', 'MAP_PRIVATE']),
  flockKind: v.picklist(['LOCK_SH', 'LOCK_EX', 'LOCK_UN']),
  lockType: v.picklist(['F_RDLCK', 'F_WRLCK', 'F_UNLCK']),
  umask: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o777)),
  msyncFlags: flags('MS_ASYNC', 'MS_INVALIDATE', 'MS_SYNC'),
  whence: v.picklist(['SEEK_SET', 'SEEK_CUR', 'SEEK_END', 'SEEK_DATA', 'SEEK_HOLE']),
};

const step = v.variant(
  'op',
  Object.entries(OPS).map(([op, { args }]) =>
    v.strictObject({
      op: v.literal(op),
      args: v.strictObject(
        // An operation's argument table has the kinds that ARGS is keyed by.
        Object.fromEntries(Object.entries(args as Record<string, ArgKind>).map(argSchema)),
      ),
      as: v.optional(user),
    }),
  ),
);

function argSchema([name, kind]: readonly [string, ArgKind]): readonly [string, v.GenericSchema] {
  return [name, ARGS[kind]];
}

const scenarioFields = v.strictObject({
  base: v.picklist(UPPER_TYPES),
  otherBases: v.optional(v.pipe(v.array(v.picklist(BASE_TYPES)), v.maxLength(BOUND.layers))),
  layers: v.pipe(
    v.array(layer),
    v.maxLength(BOUND.layers),
    v.check(
      (layers) => layers.filter(({ role }) => role === 'upper').length <= 1,
      'must have at most one upper layer',
    ),
  ),
  options: optionString,
  steps: v.pipe(v.array(step), v.maxLength(BOUND.steps)),
  ...{ parameters: v.optional(parameters), mounter: v.optional(mounter) },
  ...{ mount: v.optional(mountPlan), looks: v.optional(v.literal('at the end')) },
});

const scenario = v.pipe(
  scenarioFields,
  v.check(
    ({ layers, mount }) => mount !== undefined || layers.some(({ role }) => role === 'lower'),
    'must have at least one lower layer',
  ),
  v.check(
    ({ layers, steps, mount }) => mount === undefined || layers.length + steps.length === 0,
    'must have neither layers nor steps beside a mount of other places',
  ),
  v.check(({ layers }) => {
    const uppers = layers.filter(({ role }) => role === 'upper');
    return !uppers.some(({ entries }) => entries.some(({ flags: own }) => protects(own)));
  }, 'must not have what is immutable or append-only in the upper layer itself'),
  v.check(
    ({ base, steps }) => steps.every((made) => saysItsFormat(made, base)),
    'must name FS_EXTENT_FL in FS_IOC_SETFLAGS where the upper layer is on ext4',
  ),
  v.check(
    ({ layers, otherBases = [] }) =>
      layers.every(({ role, on = 0 }) => on <= (role === 'upper' ? 0 : otherBases.length)),
    'must have a file system for each layer that is on another',
  ),
  v.check(({ base, layers, otherBases = [] }) => {
    return layers.every(({ on = 0, entries }) => areCheap(entries, otherBases[on - 1] ?? base));
  }, 'must have files of more than 64 KiB where they can be written to, and have no fs-verity'),
);

/** The mount options of a scenario, which may name no path. */
export function checkOptions(options: string): void {
  const result = v.safeParse(optionString, options);
  if (result.success) return;
  throw new HarnessError('bad-input', `mount options: ${result.issues[0].message}`);
}

/** Reads a scenario from JSON. What is wrong with it is said in one line, with the place. */
export function parseScenario(text: string, name: string): Scenario {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : '';
    throw new HarnessError('bad-input', `${name} is no JSON: ${why}`);
  }
  const result = v.safeParse(scenario, json);
  // The schema says what the type says; its operations come from the same table.
  if (result.success) return result.output as Scenario;
  const [issue] = result.issues;
  const at = v.getDotPath(issue) ?? 'the scenario';
  throw new HarnessError('bad-input', `${name}: ${at}: ${sayIssue(issue)}`);
}

/** What is wrong, in words that fit on a line however many choices there are. */
function sayIssue(issue: v.BaseIssue<unknown>): string {
  const { expected, received, message } = issue;
  if (issue.type === 'strict_object' && expected === 'never') return 'is no known field';
  if (issue.type === 'strict_object' && received === 'undefined') return 'is missing';
  if (issue.type === 'variant' || issue.type === 'picklist')
    return `${received} is none that there is`;
  return message;
}
