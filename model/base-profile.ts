import type { FileFlag } from './flags.ts';
import type { Behaviour, Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

/** By how much the names are longer under which an overlay keeps what is private to overlays. */
export const ESCAPE_BYTES = 'overlay.'.length;

export interface Handles {
  /** Of what names an object. */
  readonly bytes: number;
  readonly is32Bit: boolean;
  /** What alone is looked at: so many bytes with the number of the inode. Without it, all. */
  readonly numberBytes?: number;
  /** Objects that are made at about the same time have one generation. */
  readonly sharesGenerations?: true;
  /** It begins with a number of 64 bits, and no inode has any of the upper ones. */
  readonly hasIdleBits?: true;
}

/** The kernel's own form: number and generation. */
export const USUAL_HANDLES: Handles = { bytes: 8, is32Bit: true };
/** Where inodes are never made anew, nobody looks at the generation. */
export const NUMBERS_ALONE: Handles = { ...USUAL_HANDLES, numberBytes: 4 };
/** What EROFS has had, release by release. */
export const EROFS_HANDLES = {
  none: null,
  'of 32 bits': NUMBERS_ALONE,
  'of 64 bits': { bytes: 12, is32Bit: false, numberBytes: 8 },
} as const;

export type AllocationPurpose = 'room' | 'hole' | 'zeros' | 'block before';

export interface NamesInSize {
  /** What each byte of a name adds. */
  readonly byteBytes: number;
  /** Up to which size that holds. */
  readonly bytesMax: number;
}

/** What file systems under the layers do each in its own way. */
export interface BaseProfile {
  /** st_size of a directory, and st_blocks of anything. */
  readonly dirBytes: (dir: RealInode) => number;
  /** How names make the size of their directory; null where they do not. */
  readonly namesInSize: NamesInSize | null;
  /** Null where the file system alone can say. */
  readonly blocks: (inode: RealInode) => number | null;
  /** Blocks of a directory tell what is remembered of when it was logged: nobody can say. */
  readonly showsLogOfDirs: (semantics: Semantics) => boolean;
  /** st_blksize. */
  readonly statBlockBytes: number;
  /** Its file handles: those with numbers of 32 bits leave the other bits to xino. */
  readonly handles: (semantics: Semantics) => Handles | null;
  /** A new inode may get the number of one that is gone. */
  readonly reusesInos: boolean;
  /** Offsets in a directory are hashes of names: not even `.` is at 0, and there is an end. */
  readonly hashesNames: boolean;
  /** A listing gathers all names, and shows them as they were then. */
  readonly gathersNames: boolean;
  /** open(2) asks for the directory of a file, as it may be encrypted. */
  readonly asksDirOnOpen: boolean;
  /** Otherwise, which names come first in a listing. */
  readonly listsFirst: 'newest' | 'oldest' | 'lowest';
  /** On kernels that say so, names made since open(2) or lseek(2) are not listed. */
  readonly listsOpenTime: boolean;
  /** The end of a directory is so far out that reading there overflows. */
  readonly endsFarOut: boolean;
  /** A directory takes SEEK_END and the like. */
  readonly seeksDirs: boolean;
  /** Reading a hole through a mapping allocates it. */
  readonly fillsMappedHoles: boolean;
  /**
   * Writing a hole through a mapping allocates all that is cached in one folio with it: of so many
   * pages, or more.
   */
  readonly fillsAround: (semantics: Semantics) => number;
  /**
   * Which pages are noticed once more when they are written through memory: none, those that were
   * written back, those that were cut by a new end, too, or perhaps all of a file that was resized.
   */
  readonly noticesAgain: 'none' | 'written back' | 'or cut' | 'or perhaps resized';
  /**
   * For which fallocate(2) what was written through memory to the range is written back first, or,
   * where all behind it moves, to the block before.
   */
  readonly flushesFor: (semantics: Semantics) => readonly AllocationPurpose[];
  /** Writing back a range, as msync(2) does, does no more than that. */
  readonly syncsRanges: boolean;
  /** SEEK_DATA finds what was never written once it was read, and all is read at each step. */
  readonly readsMakeData: boolean;
  /** A hole or zeros throw out of memory what is beside them in their first and last page. */
  readonly dropsPartPages: boolean;
  /** What was written behind the end of a file through memory is zeros when the end moves. */
  readonly zeroesTails: (semantics: Semantics) => boolean;
  /** fallocate(2) can zero ranges, and knows what was never written. */
  readonly hasRanges: boolean;
  /** What truncate(2) to the same size changes, besides taking the capability away. */
  readonly sameSize: 'mode and times' | 'mode, times with pages' | 'mode' | 'mode unless empty';
  /** Punching a hole in nothing but holes changes nothing, not even times. */
  readonly knowsHoles: boolean;
  /** A hole or zeros that end in the first page unmap all pages behind where they begin. */
  readonly unmapsToEnd: (semantics: Semantics) => boolean;
  /** How far a hole over the end of a file goes; one behind the end is none, but `as told`. */
  readonly endOfHoles: (semantics: Semantics) => 'as told' | Behaviour['ext4EndOfHoles'];
  /** fallocate(2) that finds nothing to do, or nothing that can be taken out, changes mtime. */
  readonly stampsIdle: (semantics: Semantics) => boolean;
  /** fallocate(2) that makes room leaves a flag at the file for good. */
  readonly notesRoom: boolean;
  /** An immutable file takes nothing, from those either who had it open before. */
  readonly guardsImmutable: boolean;
  /** Leaving a whiteout is tried, and taken back, before a full directory is found. */
  readonly triesWhiteouts: boolean;
  /** What is written to shared blocks has others reserved for it, and nobody can say how many. */
  readonly reservesCopies: boolean;
  /** Flags that are handed down by directories. */
  readonly inherits: Readonly<Record<'toFiles' | 'toOthers', readonly FileFlag[]>>;
  /** SEEK_DATA and SEEK_HOLE take what is before the start for the start. */
  readonly seeksFromBefore: boolean;
  /** An xattr or access control list that is there already is written again. */
  readonly stampsSameXattr: boolean;
  /** Taking away an access control list that is not there is a change. */
  readonly stampsGoneAcl: boolean;
  /** A mode that changes writes the access control list again, and stamps for that alone. */
  readonly stampsAclOfMode: boolean;
  /**
   * A whiteout that rename(2) leaves gets what access control list is handed down. Otherwise it is
   * made in the directory that the object goes to, and has the group of that.
   */
  readonly whiteoutsInherit: boolean;
  /** FS_IOC_FSSETXATTR goes by flags that all file systems have, and leaves all others aside. */
  readonly ignoresOtherXflags: boolean;
  /** FS_IOC_FSSETXATTR takes both set-id bits, unless by root. */
  readonly xflagsDropSetId: boolean;
  /** XATTR_CREATE together with XATTR_REPLACE makes an xattr that is not there. */
  readonly createsToReplace: (semantics: Semantics) => boolean;
  /**
   * Which exchanges stamp what is exchanged: all, and ctime, or those that bring a directory to
   * another one, and its mtime, too.
   */
  readonly stampsExchanged: 'all' | 'moved directories';
  /**
   * Whether files may share blocks: FICLONE, and whatever copies whole blocks. Both files are
   * written back before, or only once it is known that they do not overlap and begin with blocks.
   */
  readonly clones: 'no' | 'on disk' | 'once checked';
  /** Of blocks that are reserved and were never written, too. */
  readonly clonesReserved: boolean;
  /** Copy-up makes use of that. */
  readonly sharesWithCopies: (semantics: Semantics) => boolean;
  /** fallocate(2) can take ranges out of a file. */
  readonly collapses: boolean;
  /**
   * Zeros for a part of a block are written to it although it was only reserved; where a file grows
   * from within a block, although it is a hole.
   */
  readonly fillsBlocks: boolean;
  /** Zeros that a change of size puts into a block are on the disk at once. */
  readonly writesZeros: boolean;
  /** SB_NOSEC, which an overlay above it has too: the VFS remembers files without privileges. */
  readonly noSec: (semantics: Semantics) => boolean;
  /** FS_IOC_FIEMAP tells where a file is on the device. */
  readonly mapsExtents: (semantics: Semantics) => boolean;
  /** The flags of inodes that users may change. */
  readonly flags: readonly FileFlag[];
  /** Those that each file and directory has, and must be told when others change. */
  readonly ownFlags: readonly 'FS_EXTENT_FL'[];
  /**
   * FS_IOC_FSGETXATTR tells of an object what other file systems refuse to be told: that it has
   * room for xattrs, perhaps for those of a security module.
   */
  readonly tellsMoreXflags: (inode: RealInode) => boolean | 'perhaps';
  /** Files may have fs-verity, where the kernel knows it. */
  readonly hasVerity: boolean;
  /** Objects are those of a tmpfs. */
  readonly isInMemory: boolean;
  /** It is on a block device, whose bytes say what a scenario starts with. */
  readonly isOnDevice: boolean;
  /** Nothing changes it, not even from below. */
  readonly isReadOnly: boolean;
  /** It comes as an image that has all of it: all times of an object are its mtime. */
  readonly isMadeWhole: boolean;
  /** Its root is a merged directory, which has one link and the size of an empty one. */
  readonly hasMergedRoot: boolean;
  /** What is private to overlayfs goes by another name where it is really kept. */
  readonly escapesMarks: boolean;
  /** Which 4 KiB of a file SEEK_DATA takes for data, when nobody can have written them. */
  readonly wholeData: (semantics: Semantics) => 'what is not zero' | 'all';
  /** Nothing tells its file handles from those of another of its kind. */
  readonly hasNullUuid: boolean;
  /** Without, a symlink or an object that nobody may change is not told from others. */
  readonly hasBtime: (semantics: Semantics) => boolean;
  /** A change of xattrs is stamped. */
  readonly stampsXattrs: (semantics: Semantics) => boolean;
  /** So is a set-id bit that goes when somebody writes. */
  readonly stampsLostSetId: (semantics: Semantics) => boolean;
  /** Files can be opened with O_DIRECT. */
  readonly takesDirect: (semantics: Semantics) => boolean;
  /** fallocate(2) that makes a file grow changes mtime, not only ctime, and takes privileges. */
  readonly allocatingChanges: (semantics: Semantics) => boolean;
  /** The kernel's own reading, to copy or to splice, allocates the holes that it meets. */
  readonly fillsSplicedHoles: (semantics: Semantics) => boolean;
  /** It says that its atime means something. */
  readonly hasAtime: boolean;
  /** What statx(2) tells unasked, beside what all tell. */
  readonly statxMask: (semantics: Semantics) => number;
  /** rename(2) over a directory with something in it. */
  readonly renameOverFull: 'ENOTEMPTY' | 'EEXIST';
  /** What statx(2) says of each object. */
  readonly statxAttributes: number;
  /** It may be under the upper layer. */
  readonly canBeUpper: boolean;
  /** Directories count no links: they have one. */
  readonly countsNoDirs: boolean;
  /** Access control lists show as xattrs of its own, too, and are copied as such. */
  readonly showsOwnAcls: boolean;
  /** It lists trusted.* to those, too, who may not read them. */
  readonly listsTrusted: boolean;
  /** What it does with access control lists. */
  readonly acls: (semantics: Semantics) => 'none' | 'reads' | 'reads and writes';
  /** The longest name that it says it takes. */
  readonly nameBytesMax: number;
  /** Its times are of the finest kind, and not told to who does not ask. */
  readonly hasFineTimes: boolean;
}
