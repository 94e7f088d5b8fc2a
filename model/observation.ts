import type { Content } from './sparse.ts';
import type { NamesInSize } from './base-profile.ts';
import type { Errno } from './errno.ts';
import type { ObjectMet } from './object-states.ts';
import type { Failure, Observation, Prediction } from './prediction.ts';
import type { RuleId } from './rules.ts';
import type { DeviceNumber, FileType } from './state.ts';
import type { SetTime, Time } from './time.ts';

/** An xattr value: bytes, or what only an identity or a length can say of it. */
export type XattrValue =
  | string
  /** An overlay file handle of this inode (of the model's numbering), on a lower layer or upper. */
  | { readonly handleOf: number; readonly isUpper?: true; readonly hasNoUuid?: true }
  | { readonly randomBytes: number }
  /** Stored, but reading it fails. */
  | { readonly unreadable: Errno };

/**
 * Whose st_dev: the overlay's own, that of a file system below, or one of those that the overlay
 * shows for files of its layers when they are on several file systems. File systems by number; the
 * first one, which the upper layer is on, goes without.
 */
export type DeviceName = 'overlay' | 'base' | `base ${number}` | `pseudo ${number}`;

/** The status of an object as stat(2) tells it. */
export interface StatView {
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  /** Of a directory whose size hangs on its names, up to a size that it is predicted to. */
  readonly namesInSize: NamesInSize | null;
  /** Null: not predicted. */
  readonly blocks: number | null;
  /** The model's number of the real inode that lends its st_ino. */
  readonly ino: number;
  readonly dev: DeviceName;
  readonly rdev: DeviceNumber;
  /** Those of stx_attributes that say what kind of file it is, not where. */
  readonly flags: number;
  readonly atime: Time;
  readonly mtime: Time;
  readonly ctime: Time;
}

/** An object as the model sees it through one tree. Shared between steps while it stands still. */
export interface NodeView extends StatView {
  readonly kind: 'node';
  readonly xattrs: ReadonlyMap<string, XattrValue>;
  readonly content: Content;
  readonly target: string;
  /** Listing or reading it fails. */
  readonly dataError?: Failure;
  /** Listing it may fail on the way to the end. */
  readonly mayFail?: Failure;
}

/** A name that a listing shows and lookup refuses. */
export interface UnreadableView {
  readonly kind: 'unreadable';
  readonly error: Prediction<never>;
}

/** What a tree dump says of one path: the listing's entry and the object. */
export interface TreeEntry {
  /** The model's inode number that d_ino is expected to be of; null for the root of the tree. */
  readonly dIno: number | null;
  readonly dType: FileType;
  /** d_ino of `.` and `..` in this directory; null when it is not one or it is not predicted. */
  readonly dotIno: number | null;
  readonly dotdotIno: number | null;
  readonly node: NodeView | UnreadableView;
}

/** Every path below a root, relative to it; the root is the empty string. */
export type Tree = ReadonlyMap<string, TreeEntry>;

/** A status asked for by parts. Times that are not told read as zero. */
export interface StatxView extends StatView {
  /** Numbers, as strace prints what it has no name for. */
  readonly mask: number;
  readonly attributes: number;
  readonly btime: Time;
}

export interface StatfsView {
  /** The magic number of the file system type. */
  readonly type: number;
  readonly nameBytesMax: number;
  /** f_fsid: the one of the file system below, one of the overlay's own, or zero. */
  readonly fsid: 'of the layer' | 'own' | 'none';
  /** The count of blocks, and their size. */
  readonly counts: 'of the layer' | 'own';
}

/** One getdents call. Order is not predicted, so a listing is compared as it is read. */
export interface DirentsView {
  /** Which pass over a directory this call goes on with. */
  readonly listing: number;
  /** Names that the whole pass must return once, with their d_ino (null: not predicted). */
  readonly must: ReadonlyMap<string, { readonly ino: number | null; readonly type: FileType }>;
  /** Further names that it may return. Null: anything may come, since a seek went astray. */
  readonly may: ReadonlySet<string> | null;
  /** Names that came may come again. */
  readonly repeats: boolean;
}

/** A file handle as name_to_handle_at(2) gives it. */
export interface HandleView {
  /** The model's number of the real inode that it names. */
  readonly ino: number;
  readonly isUpper: boolean;
  readonly hasNoUuid?: true;
  /** As any file system makes one that knows of no handles: the number that stat(2) tells. */
  readonly isPlain?: true;
  /** Asked for with AT_HANDLE_CONNECTABLE, of a directory: others have no such handle. */
  readonly isConnectable: boolean;
}

export interface MountView {
  /** `rw` or `ro`, and the layers, which are named as they are in the folder that holds them. */
  readonly layers: readonly string[];
  /** What else mountinfo shows: the overlay's own options. */
  readonly options: readonly string[];
  /** Of a mount that took several calls, what came of each: an errno, or 0. */
  readonly results?: readonly string[];
}

/** What the model says of one step. */
export interface StepPrediction {
  readonly result: Prediction<unknown>;
  readonly rules: readonly RuleId[];
  /** Null while nothing is mounted. */
  readonly merged: Tree | null;
  readonly base: Tree;
  /** What the step is about, as it was before. */
  readonly objects?: readonly ObjectMet[];
  /**
   * The trees hang on the order in which a directory lists its names, since two of them claim one
   * object. Only the result is predicted, and nothing after it.
   */
  readonly isOrderOpen?: true;
  /** A file system that cannot write may do anything, in this step and all that come. */
  readonly isOver?: true;
}

/** Index 0 is the set-up and the mount, then one element for each step. */
export type PredictedTrace = readonly StepPrediction[];

/** The kernel's inode numbers: a number when it is safe as one, else text. */
export type KernelIno = number | string;

export interface ObservedNode {
  readonly kind: 'node';
  /** From the listing of the parent; 0 for the root. */
  readonly dIno: KernelIno;
  readonly dType: number;
  readonly dotIno: KernelIno;
  readonly dotdotIno: KernelIno;
  /** With the type bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly nlink: number;
  readonly size: number;
  readonly blocks: number;
  readonly ino: KernelIno;
  readonly dev: string;
  readonly rdev: DeviceNumber;
  readonly flags: number;
  readonly atime: SetTime;
  readonly mtime: SetTime;
  readonly ctime: SetTime;
  /** A value that could not be read is its errno. */
  readonly xattrs: ReadonlyMap<string, string | number>;
  readonly content: Content;
  readonly target: string;
  /** Errno of reading content, target or the list of xattrs; 0 when all went well. */
  readonly dataError: number;
}

/** What statx(2) told. */
export type ObservedStat = Pick<
  ObservedNode,
  | 'mode'
  | 'uid'
  | 'gid'
  | 'nlink'
  | 'size'
  | 'blocks'
  | 'ino'
  | 'dev'
  | 'rdev'
  | 'flags'
  | 'atime'
  | 'mtime'
  | 'ctime'
>;

export interface ObservedStatx extends ObservedStat {
  readonly mask: number;
  readonly attributes: number;
  readonly btime: SetTime;
}

/** What one getdents call returned. None at all is the end of the directory. */
export interface ObservedDirents {
  readonly entries: readonly {
    readonly name: string;
    readonly ino: KernelIno;
    readonly type: number;
  }[];
}

/** A file handle as it is: its type, and one character for each byte. */
export interface ObservedHandle {
  readonly type: number;
  readonly bytes: string;
}

export interface ObservedUnreadable {
  readonly kind: 'unreadable';
  readonly dIno: KernelIno;
  readonly dType: number;
  readonly error: number;
}

export interface ObservedGone {
  readonly kind: 'gone';
}

/** What is seen at a path. */
export type Seen = ObservedNode | ObservedUnreadable;

/** What changed in a tree during one step. */
export type TreeChanges = ReadonlyMap<string, Seen | ObservedGone>;

export interface ObservedStep {
  readonly result: Observation<unknown>;
  /** The clock that file systems stamp with, read before the step. */
  readonly before: SetTime;
  /** The finest clock, read after the step was observed. */
  readonly after: SetTime;
  /** Null when it could not be dumped; then `treeError` says why. */
  readonly merged: TreeChanges | null;
  readonly base: TreeChanges | null;
  /** Errno of a dump that failed as a whole. */
  readonly treeError: number;
}

/** Index 0 is the set-up and the mount, then one element for each step. */
export type ObservedTrace = readonly ObservedStep[];

/** One place where kernel and model disagree. */
export interface Difference {
  /** Index in the trace. */
  readonly step: number;
  /** `result`, or tree, path and field, such as `base u/a xattr trusted.overlay.opaque`. */
  readonly at: string;
  /** What sort of place it is, without names: shrinking keeps to the same. */
  readonly field: string;
  readonly predicted: string;
  readonly observed: string;
}

/** What checking one scenario on one kernel says. */
export interface Checked {
  /** All differences of the first step that differs; what comes later is a consequence. */
  readonly differences: readonly Difference[];
  /** Empty for a property that needs no model. */
  readonly predicted: PredictedTrace;
  readonly observed: ObservedTrace;
  /** What is compared with what, where it is not the model with the kernel. */
  readonly sides?: readonly [predicted: string, observed: string];
}
