import type { Folios } from './folios.ts';
import type { Content } from './sparse.ts';
import type { DirCache, Listing } from './listing.ts';
import type { BaseType } from './bases.ts';
import type { Faults, FileErrors, OutsideFile, OverlayErrors } from './faults.ts';
import type { LazyData } from './overlay/data-layers.ts';
import type { Marks } from './overlay/marks.ts';
import type { Nfs } from './overlay/nfs.ts';
import type { MountConfig } from './overlay/params.ts';
import type { Program } from './overlay/running.ts';
import type { MountPoints } from './overlay/super.ts';
import type { FsId } from './overlay/traceable.ts';
import type { MountCredentials } from './mounter.ts';
import type { FileFlag, ProtectionFlag } from './flags.ts';
import type { LockRange } from './locks.ts';
import type { Room } from './room.ts';
import type { RuleId } from './rules.ts';
import type { Time } from './time.ts';
import type { HandleView, XattrValue } from './observation.ts';
import type { Mapping } from './memory.ts';
import type { Watch } from './notify.ts';
import type { Semantics } from './semantics/semantics.ts';

export type FileType = 'dir' | 'file' | 'symlink' | 'chr' | 'blk' | 'fifo' | 'sock';

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

/** Who makes a call. Uid 0 has every capability, the others none; nobody has a further group. */
export interface Credentials {
  readonly uid: number;
  readonly gid: number;
}

/**
 * An inode of a real file system under the overlay. One interface for all types: a directory uses
 * `entries`, a regular file `content` and `pages`, a symlink `target`, a device `rdev`.
 */
export interface RealInode {
  /** Names the inode within one run. It is never compared by value, only by identity. */
  readonly ino: number;
  /** The file system that it is on. */
  readonly base: BaseType;
  readonly type: FileType;
  /** Permission bits with set-id and sticky bits, without the type. */
  mode: number;
  uid: number;
  gid: number;
  /** Names of a file; of a directory 2 plus the number of subdirectories, 0 once removed. */
  nlink: number;
  atime: Time;
  mtime: Time;
  ctime: Time;
  /** When the inode was made, which nothing changes. */
  readonly btime: Time;
  flags: ReadonlySet<FileFlag>;
  /** By full name, `trusted.overlay.` and all. */
  readonly xattrs: Map<string, XattrValue>;
  /** What a list of them takes beside their names: an overlay has longer ones, and hides some. */
  unlistedBytes?: number;
  readonly entries: Map<string, RealInode>;
  content: Content;
  /** What a mapping wrote between the end and the end of its page. */
  tail: string;
  readonly zeroesTail: boolean;
  /** Indexes of the 4 KiB pages that are allocated. */
  readonly pages: Set<number>;
  /** Those of them that fallocate(2) made and nobody wrote: SEEK_DATA takes them for holes. */
  readonly unwritten: Set<number>;
  /** Those of them that are not on the disk; of a directory just any. Null where nothing fails. */
  dirtyPages: Set<number> | null;
  /** Pages behind the end that the file system found to be holes, and remembers. */
  readonly foundHoles: Set<number>;
  /** The page that it ended before when it was cut within a hole, if it was. */
  cutHoleAt?: number;
  /** It may have blocks that other files have, too. */
  sharesBlocks: boolean;
  /** What was written goes to blocks that are reserved beside those that are shared. */
  hasReserved: boolean;
  /** Pages of a file without a name that have been in memory since it had one. */
  inMemory?: Set<number>;
  /** What it has in memory in more than single pages. */
  folios?: Folios;
  /** It was read since then, and with what was asked for so much as the kernel likes. */
  readsAhead?: true;
  /** Room was made for it once, which the file system does not forget. */
  hasRoom: boolean;
  /** With fs-verity: what the file system says that the content is. */
  verityDigest: string | null;
  /** It lost its last name to another object, and was not removed. */
  wasReplaced: boolean;
  readonly target: string;
  readonly rdev: DeviceNumber;
  /** What `..` of a directory is; null above the layers and for all else. */
  parent: RealInode | null;
  /** Grows with each change, so that views of an inode can be kept while it stands still. */
  version: number;
}

/** A real file system. The first one holds the upper layer and the work directory. */
export interface RealFs {
  readonly root: RealInode;
  readonly base: BaseType;
  /** The kernel that it is of. */
  readonly semantics: Semantics;
  /** How many inodes there were. */
  inodes: number;
  /** Its place among those of the scenario. */
  readonly index: number;
  /** What a file handle can be decoded to: every inode there ever was, on any file system. */
  readonly byIno: Map<number, RealInode>;
  /** Other file systems, by the directories that they are mounted on. */
  readonly mounts: Map<RealInode, RealFs>;
  /** The step that changes it now: the value of every time stamp taken. */
  now: number;
  /** Null where its device never fails. */
  faults: Faults | null;
  /** What there is no room for. */
  full: Room | null;
  /** So many inodes a step has given back, of which others can be made. */
  spareInodes: number;
  /** The same of pages. */
  sparePages: number;
  /** The one whiteout of a file system that has but one, once there was any. */
  whiteout: RealInode | null;
}

/** An overlay inode as the kernel caches it; spec 00 section 3. */
export interface OvlInode {
  readonly type: FileType;
  upper: RealInode | null;
  /** The lower stack, top most first: all merged directories, or one file. */
  readonly lowers: readonly RealInode[];
  /** The last of the lower stack, where that is in a data-only layer; else null. */
  readonly lazyData: LazyData | null;
  /** What the upper object says of its place below: a name beside it or a path from the root. */
  redirect: string | null;
  /** Upper has the data too; false too while there is no upper. */
  hasUpperData: boolean;
  /** st_ino is that of the top most lower object, before and after copy-up. */
  readonly hasConstIno: boolean;
  /** The real object whose number the VFS gave the inode when it was found; null of the root. */
  readonly numberedBy: RealInode | null;
  /** What the overlay inode forbids, whatever the real one says since. */
  protection: ReadonlySet<ProtectionFlag>;
  /** The directory listing must go through the merge cache, as it may hold whiteouts. */
  mayHoldWhiteouts: boolean;
  isImpure: boolean;
  /** It has an index entry: the link count is that of all names, upper and lower. */
  isIndexed: boolean;
  /** The link count that the VFS keeps: 0 means that no new link may be made. */
  vfsNlink: number;
  /** Made by O_TMPFILE: may get its first name although it has none. */
  isLinkable: boolean;
  /** Grows whenever a cached listing of the directory becomes stale. */
  dirVersion: number;
  dirCache: DirCache | null;
  /** Its names in the dentry cache, the last one looked up at the end; some may be gone. */
  readonly aliases: OvlDentry[];
  /** What a fifo holds while it is open. */
  pipe: string;
  /** The rule by which a handle led to its data, where no name is known that would. */
  readonly foundBy?: RuleId;
  /** `World.looks` when it was made. */
  readonly look: number;
  /** What the VFS knows where that is not so any more, until a change by way of this inode. */
  stale?: Pick<RealInode, 'mode' | 'uid' | 'gid'> & { readonly size: number };
  /** S_NOATIME, from the lower object that it was found by: a copy may be without the flag. */
  keepsAtime?: true;
  /** S_NOSEC: it was written to without privileges, and has got none since by way of this inode. */
  noSec?: true;
}

/** A name in the overlay's dentry cache; negative when `inode` is null. */
export interface OvlDentry {
  parent: OvlDentry | null;
  name: string;
  inode: OvlInode | null;
  /** The upper layer has this very name. */
  hasUpperAlias: boolean;
  /** A directory that hides what is below, or a negative name that a whiteout in upper hides. */
  isOpaque: boolean;
  /** A lower directory of it says that files in it may be whiteouts. */
  hasXattrWhiteouts: boolean;
  /** False once the name was removed: it is in nobody's `children` then. */
  isHashed: boolean;
  /** Opened by a file handle: an object whose place in the tree is not known. */
  readonly isDisconnected: boolean;
  /** A handle of this directory was handed out, and can be traced back to it. */
  isConnected: boolean;
  readonly children: Map<string, OvlDentry>;
}

/** A mounted overlay. */
export interface Overlay {
  /** Null when there is none: then nothing can be changed. */
  readonly upper: RealInode | null;
  /** Where objects are made before they are moved to their places. */
  readonly work: RealInode | null;
  /** Copied-up inodes by the lower ones they come from; null without index. */
  readonly index: RealInode | null;
  readonly lowers: readonly RealInode[];
  /** Layers below all these whose names nobody sees. */
  readonly dataLayers: readonly RealInode[];
  readonly config: MountConfig;
  /** The names of its private xattrs. */
  readonly marks: Marks;
  readonly mounter: MountCredentials;
  /** Roots of lower layers in which a lookup met a directory that may hold xattr whiteouts. */
  readonly xattrWhiteoutLayers: Set<RealInode>;
  readonly root: OvlDentry;
  /** Overlay inodes by the real inode that is their key; spec rule OVL-ID-10. */
  readonly inodes: Map<RealInode, OvlInode>;
  /**
   * How many high bits of st_ino tell the file systems of layers apart: 0 when there is but one,
   * null when nothing does and numbers are shown as they are.
   */
  readonly xinoBits: number | null;
  /** What xino calls the file systems of layers. */
  readonly fsids: ReadonlyMap<number, number>;
  /** File systems of lower layers whose file handles lead nowhere. */
  readonly untraceable: ReadonlySet<FsId>;
  /** Numbers that directories get from the overlay where those of layers would be ambiguous. */
  readonly ownInos: WeakMap<OvlInode, number>;
  /** The whiteout that is hard-linked to each name that unlink hides; null until first used. */
  sharedWhiteout: RealInode | null;
  /** Once it could not be linked, each name gets a whiteout of its own. */
  sharesWhiteouts: boolean;
  /** There is no upper layer, or a remount asked for it. */
  isReadOnly: boolean;
  readonly errors: OverlayErrors;
}

/** An open file description. */
export interface OpenFile {
  readonly dentry: OvlDentry;
  readonly inode: OvlInode;
  flags: ReadonlySet<string>;
  /** The real file has not heard of O_APPEND as it is now. */
  isUntold?: boolean;
  readonly canRead: boolean;
  readonly canWrite: boolean;
  readonly isPath: boolean;
  flock: 'LOCK_SH' | 'LOCK_EX' | null;
  /** Locks of its own on ranges of bytes. */
  locks: readonly LockRange[];
  /** The real object of open time, which is what memory maps ever after. */
  readonly real: RealInode;
  /** NaN in a directory that was read: offsets there are the file system's own. */
  position: number;
  /** What a directory held when it was opened or gone back in, where listings are of that. */
  names: ReadonlyMap<string, RealInode> | null;
  /** The listing that getdents goes through, null before the first read and after a rewind. */
  listing: Listing | null;
  /** The merged listing that this file keeps alive for all who open the directory. */
  cache: DirCache | null;
  errors?: FileErrors;
}

/** All that a scenario changes. */
export interface World {
  readonly fs: RealFs;
  /** What is mounted, or what was before a mount failed. */
  overlay: Overlay;
  /** What a remount mounts again. */
  points: MountPoints;
  options: string;
  readonly slots: (OpenFile | null)[];
  /** File handles, which outlive all that they name. */
  readonly handles: (HandleView | null)[];
  umask: number;
  readonly maps: (Mapping | null)[];
  /** What runs, and the slot that ends it when it is closed. */
  program: Program | null;
  /** What nobody may open who would break it, while a step goes on. */
  lease: { readonly inode: OvlInode; readonly isForReading: boolean } | null;
  /** Who is told by inotify(7) of what a step does, while it goes on. */
  watch: Watch | null;
  nextListing: number;
  /** Files that are open beside the overlay, and another overlay that stays mounted. */
  readonly outside: (OutsideFile | null)[];
  second: World | null;
  nfs: Nfs | null;
  /** How often a look at the whole tree began or ended: while one goes on it is odd. */
  looks: number;
  /** What a look found depends on the order in which a directory lists its names. */
  isOrderOpen: boolean;
  /** Nothing is looked up but by steps. */
  readonly looksAtEnd: boolean;
}
