import type { Environment, Semantics } from '../semantics/semantics.ts';
import type {
  AccessMode,
  AtFlag,
  FallocateFlag,
  HandleFlag,
  FlockKind,
  FsRequest,
  LockType,
  MapSharing,
  MsyncFlag,
  OpenFlag,
  Protection,
  RenameFlag,
  ReopenFlag,
  ResolveFlag,
  RwFlag,
  StatusFlag,
  StatxFlag,
  AnyFileFlag,
  FileFlag,
  FileXflag,
  StatxMask,
  NfsVersion,
  Whence,
  XattrFlag,
} from '../flags.ts';
import type { Feature } from '../semantics/semantics.ts';
import type { Prediction } from '../prediction.ts';
import type {
  DirentsView,
  HandleView,
  MountView,
  StatView,
  StatfsView,
  StatxView,
} from '../observation.ts';
import type { RuleId } from '../rules.ts';
import type { Taken } from '../overlay/beside.ts';
import type { Room } from '../room.ts';
import type { Credentials, World } from '../state.ts';

/** Bits of one byte of `struct file_handle` that are flipped on the way. */
export type Damage = 'none' | { readonly byte: number; readonly flip: number };

/**
 * The upper layer, the work directory, a lower layer, counted from 0, the top most, or one that has
 * nothing but data.
 */
export type LayerName = 'upper' | 'work' | number | `data ${number}`;

export type TimeArg = { readonly sec: number; readonly nsec: number } | 'UTIME_NOW' | 'UTIME_OMIT';

/** What each kind of argument is. Generators, encoders and printers are tables over these keys. */
export interface ArgKinds {
  /** Relative to the root of the overlay; `.` is the root itself. */
  path: string;
  /** What a symlink holds. */
  target: string;
  xattrName: string;
  /** One character for each byte. */
  bytes: string;
  mode: number;
  device: { readonly type: 'fifo' | 'chr' | 'blk'; readonly major: number; readonly minor: number };
  /** A slot that holds an open file, or does not: then the call gets EBADF. */
  fd: number;
  /** The slot that the new file descriptor goes to; what it held is closed after success. */
  newFd: number;
  /** A slot of mapped memory; one that holds none faults. */
  map: number;
  /** The slot that is mapped anew. */
  newMap: number;
  offset: number;
  /** An offset, or null for the position of the open file, which then moves. */
  position: number | null;
  size: number;
  /** -1 leaves the owner or group as it is. */
  owner: number;
  time: TimeArg;
  openFlags: readonly OpenFlag[];
  reopenFlags: readonly ReopenFlag[];
  statusFlags: readonly StatusFlag[];
  rwFlags: readonly RwFlag[];
  resolveFlags: readonly ResolveFlag[];
  renameFlags: readonly RenameFlag[];
  fallocateFlags: readonly FallocateFlag[];
  xattrFlags: readonly XattrFlag[];
  atFlags: readonly AtFlag[];
  fsRequest: FsRequest;
  fileFlags: readonly AnyFileFlag[];
  fileXflags: readonly FileFlag[];
  accessMode: readonly AccessMode[];
  statxFlags: readonly StatxFlag[];
  statxMask: readonly StatxMask[];
  protection: readonly Protection[];
  mapSharing: MapSharing;
  flockKind: FlockKind;
  lockType: LockType;
  umask: number;
  msyncFlags: readonly MsyncFlag[];
  whence: Whence;
  /** A slot that holds a file handle, or is empty. */
  handle: number;
  /** The slot that the handle goes to. */
  newHandle: number;
  handleFlags: readonly HandleFlag[];
  /** The type of a handle made by hand, and what it holds: nothing that names anything. */
  handleType: number;
  handleBody: string;
  damage: Damage;
  /** A layer whose objects are meant, seen from outside of the overlay. */
  layer: LayerName;
  /** An xattr that means something to overlayfs. */
  markName: string;
  mountOptions: string;
  lowerOrder: 'as they are' | 'reversed';
  /** What a copy of a tree keeps, beside owner, mode and times. */
  copyKeeps: readonly ('xattrs' | 'links')[];
  /** What comes where a layer was: a copy, which keeps some things, or nothing. */
  replacement: readonly ('xattrs' | 'links')[] | 'empty';
  /** The file system that a lower layer is copied to, counted from 1; 0 leaves it on its own. */
  otherFs: number;
  /** Whether the work directory is emptied with it. */
  workFate: 'stays' | 'emptied';
  /** Whether a file system that stops writes its journal out first. */
  journal: 'flushed' | 'dropped';
  /** What there is to be no room for. */
  room: Room;
  /** What is done through another overlay while it is mounted. */
  besideChange: 'none' | 'create' | 'write' | 'chmod' | 'unlink' | 'rmdir';
  /** What is done to a name of the upper layer, and then to it through the overlay. */
  beneathChange: 'unlink' | 'mkfifo';
  beneathCall: 'unlink' | 'mkdir' | 'mkfifo' | 'rename';
  takenLayers: Taken;
  /** Whether names are forgotten once somebody watches, and what is then done. */
  watchCaches: 'kept' | 'dropped';
  watchedChange:
    | ('unlink' | 'rmdir' | 'rename' | 'exchange' | 'link' | 'mkdir')
    | ('write' | 'truncate' | 'chmod' | 'setxattr');
  /** A slot for files that are open beside the overlay. */
  outside: number;
  /** The slot that such a file goes to. */
  newOutside: number;
  /** The upper layer as its file system has it, another overlay beside, or an NFS client. */
  outsidePlace: 'upper' | 'second' | 'nfs';
  nfsVersion: NfsVersion;
  syncCall: 'fsync' | 'fdatasync' | 'syncfs' | 'FIEMAP';
  mountAccess: 'ro' | 'rw';
}
export type ArgKind = keyof ArgKinds;

/** What each kind of result is. How two results compare depends on this key alone. */
export interface ResultKinds {
  none: null;
  /** An open file descriptor; its number says nothing. */
  fd: null;
  /** A number of bytes or a file position; null is not predicted. */
  count: number | null;
  bytes: string;
  /** A place in the overlay, as in arguments. */
  path: string;
  names: readonly string[];
  /** What a watch is told, in any order: what was done, and how it is called. */
  events: readonly string[];
  /** How a call went, `done` or an errno, and what a watch was told of it, in order. */
  told: string;
  stat: StatView;
  statx: StatxView;
  statfs: StatfsView;
  fileFlags: readonly AnyFileFlag[];
  /** The same flags by the numbers that FS_IOC_FSGETXATTR has for them. */
  fileXflags: readonly FileXflag[];
  dirents: DirentsView;
  handle: HandleView;
  /** What came of a range that two files are to share: how much, or why not; null is anything. */
  dedupe: string | null;
  /** How a mount went that was undone at once: `mounted`, or its errno. */
  otherMount: string;
  /** How a mount beside this one went, and what was done through it: `mounted`, or an errno. */
  beside: string;
  /** How a mount went that takes layers of this one, and was undone at once. */
  busyMount: string;
  /** How a change of the upper layer went, and the call upon it: each `done`, or an errno. */
  beneath: string;
  /** What the kernel shows of a mount that was changed. */
  reconfigured: MountView;
  /** How a change of a layer went between unmount and mount: `done`, or its errno. */
  edit: string;
  /** What the kernel shows of a new mount. */
  mount: MountView;
}
export type ResultKind = keyof ResultKinds;

/** Results of steps that unmount and mount, and fail where that does. */
export const REMOUNTS: ReadonlySet<ResultKind> = new Set([
  'mount',
  'otherMount',
  'busyMount',
  'beneath',
  'edit',
]);

export type ArgsOf<A extends Record<string, ArgKind>> = { readonly [K in keyof A]: ArgKinds[A[K]] };

/**
 * A system call as strace shows it: its name, then names of constants, numbers and `$argument`
 * places. `$times` is the pair of the arguments `atime` and `mtime`. An operation of several calls
 * has no template but a recipe in the harness.
 */
export type SyscallTemplate<A> = readonly [
  name: string,
  ...(number | 'AT_FDCWD' | 'MAP_BYTES' | '""' | '$times' | `$${string & keyof A}` | OutputPlace)[],
];

/** Where the kernel writes; `argument:size` is a buffer as large as the argument of kind size. */
export type OutputPlace =
  'out:statx' | 'out:flags' | 'out:fsxattr' | 'out:$size' | 'len:$bytes' | 'len:$value';

export interface Context {
  readonly world: World;
  readonly semantics: Semantics;
  readonly environment: Environment;
  /** Who makes the call. */
  readonly caller: Credentials;
  /** Notes that the prediction relied on a rule. Feeds rule coverage and failure reports. */
  readonly rule: (id: RuleId) => void;
}

export interface Op<A extends Record<string, ArgKind>, R extends ResultKind> {
  readonly args: A;
  readonly syscall: SyscallTemplate<A> | 'recipe';
  readonly result: R;
  readonly needs?: readonly Feature[];
  /** Says what the call does, and does it to the model. */
  predict(context: Context, args: ArgsOf<A>): Prediction<ResultKinds[R]>;
}

export function defineOp<const A extends Record<string, ArgKind>, const R extends ResultKind>(
  op: Op<A, R>,
): Op<A, R> {
  return op;
}
