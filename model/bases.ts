import { isAclName } from './acl.ts';
import type { FileFlag } from './flags.ts';
import {
  BLOCK_BYTES,
  blocksWith,
  btrfsBlocks,
  erofsBlocks,
  erofsDirBytes,
  SECTORS_PER_BLOCK,
  squashfsBlocks,
  sumOf,
} from './base-blocks.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

interface Handles {
  /** Of what names an object. */
  readonly bytes: number;
  readonly is32Bit: boolean;
}

/** What file systems under the layers do each in its own way. */
export interface BaseProfile {
  /** st_size of a directory, and st_blocks of anything. */
  readonly dirBytes: (dir: RealInode) => number;
  readonly blocks: (inode: RealInode) => number;
  /** st_blksize. */
  readonly statBlockBytes: number;
  /** Its file handles: those with numbers of 32 bits leave the other bits to xino. */
  readonly handles: (semantics: Semantics) => Handles | null;
  /** A new inode may get the number of one that is gone. */
  readonly reusesInos: boolean;
  /** Offsets in a directory are hashes of names: not even `.` is at 0, and there is an end. */
  readonly hashesNames: boolean;
  /** A directory takes SEEK_END and the like. */
  readonly seeksDirs: boolean;
  /** Reading a hole through a mapping allocates it. */
  readonly fillsMappedHoles: boolean;
  /** A page that was read, or written back, is noticed again when it is written through memory. */
  readonly noticesWrites: boolean;
  /** SEEK_DATA finds what was never written once it was read, and all is read at each step. */
  readonly readsMakeData: boolean;
  /** What was written behind the end of a file through memory is zeros when the end moves. */
  readonly zeroesTails: (semantics: Semantics) => boolean;
  /** fallocate(2) can zero ranges and take them out, and knows what was never written. */
  readonly hasRanges: boolean;
  /** truncate(2) to the same size stamps even an empty file. */
  readonly stampsSameSize: boolean;
  /** The flags of inodes that users may change. */
  readonly flags: readonly FileFlag[];
  /** Those that each file and directory has, and must be told when others change. */
  readonly ownFlags: readonly 'FS_EXTENT_FL'[];
  /** Files may have fs-verity, where the kernel knows it. */
  readonly hasVerity: boolean;
  /** It is on a block device, whose bytes say what a scenario starts with. */
  readonly isOnDevice: boolean;
  /** It is made whole, and nothing changes it: all times of an object are its mtime. */
  readonly isReadOnly: boolean;
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
  /** fallocate(2) that makes a file grow changes mtime, not only ctime. */
  readonly stampsAllocation: (semantics: Semantics) => boolean;
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
  /** What it does with access control lists. */
  readonly acls: 'none' | 'reads' | 'reads and writes';
  /** The longest name that it says it takes. */
  readonly nameBytesMax: number;
  /** Its times are of the finest kind, and not told to who does not ask. */
  readonly hasFineTimes: boolean;
}

const EMPTY_TMPFS_DIR_BYTES = 40;
const TMPFS_ENTRY_BYTES = 20;
const NOTHING_KNOWN = 0;
const ATTR_IMMUTABLE = 0x10;
const BTIME = 0x800;
const SUBVOL = 0x8000;

/** What file systems that can be written to have in common. */
const WRITABLE = {
  canBeUpper: true,
  statBlockBytes: BLOCK_BYTES,
  statxMask: () => 0,
  renameOverFull: 'ENOTEMPTY',
  countsNoDirs: false,
  showsOwnAcls: false,
  isReadOnly: false,
  hasVerity: false,
  wholeData: () => 'all',
  hasNullUuid: false,
  hasBtime: () => true,
  stampsXattrs: () => true,
  stampsLostSetId: ({ behaviour }) => behaviour.lostSetId === 'stamped',
  takesDirect: () => true,
  stampsAllocation: () => true,
  fillsSplicedHoles: () => false,
  hasAtime: true,
  hasFineTimes: true,
  statxAttributes: NOTHING_KNOWN,
  acls: 'reads and writes',
  nameBytesMax: 255,
} as const satisfies Partial<BaseProfile>;

/** Made on a device by calls. */
const DISK = {
  ...WRITABLE,
  reusesInos: true,
  seeksDirs: true,
  fillsMappedHoles: false,
  noticesWrites: true,
  readsMakeData: true,
  zeroesTails: () => true,
  hasRanges: true,
  stampsSameSize: true,
  isOnDevice: true,
  flags: ['FS_SYNC_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
} as const satisfies Partial<BaseProfile>;

/** Below the upper layer: what writing does is not all known. */
const LOWER_DISK = {
  ...DISK,
  canBeUpper: false,
  ownFlags: [],
} as const satisfies Partial<BaseProfile>;

/** The kernel's own form: number and generation. */
const USUAL_HANDLES: Handles = { bytes: 8, is32Bit: true };
const EROFS_HANDLES = {
  none: null,
  'of 32 bits': USUAL_HANDLES,
  'of 64 bits': { bytes: 12, is32Bit: false },
} as const;

/** What only a file system that is written to could show. */
const READ_ONLY = {
  canBeUpper: false,
  statBlockBytes: BLOCK_BYTES,
  statxMask: () => 0,
  renameOverFull: 'ENOTEMPTY',
  countsNoDirs: false,
  showsOwnAcls: false,
  hashesNames: false,
  seeksDirs: true,
  reusesInos: false,
  fillsMappedHoles: false,
  noticesWrites: false,
  readsMakeData: false,
  zeroesTails: () => false,
  hasRanges: false,
  stampsSameSize: false,
  isOnDevice: true,
  isReadOnly: true,
  hasVerity: false,
  hasBtime: () => false,
  stampsXattrs: () => false,
  stampsLostSetId: () => false,
  stampsAllocation: () => false,
  fillsSplicedHoles: () => false,
  hasFineTimes: false,
  flags: [],
  ownFlags: [],
} as const satisfies Partial<BaseProfile>;

export const BASE_PROFILES = {
  tmpfs: {
    ...WRITABLE,
    handles: () => ({ bytes: 12, is32Bit: false }),
    dirBytes: ({ entries }) => EMPTY_TMPFS_DIR_BYTES + entries.size * TMPFS_ENTRY_BYTES,
    blocks: blocksWith({ ofDir: 0, inlineSymlinkBytes: 127 }),
    reusesInos: false,
    hashesNames: false,
    seeksDirs: false,
    fillsMappedHoles: true,
    noticesWrites: false,
    readsMakeData: false,
    zeroesTails: () => false,
    hasRanges: false,
    stampsSameSize: false,
    flags: ['FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
    ownFlags: [],
    hasBtime: ({ features }) => features.has('tmpfs-btime'),
    stampsLostSetId: ({ behaviour }) => behaviour.lostSetId !== 'not stamped',
    takesDirect: ({ features }) => features.has('tmpfs-direct'),
    stampsXattrs: ({ behaviour }) => behaviour.tmpfsXattrs === 'stamped',
    stampsAllocation: ({ behaviour }) => behaviour.tmpfsAllocation === 'stamps mtime',
    fillsSplicedHoles: ({ behaviour }) => behaviour.tmpfsSplicedHoles === 'filled',
    isOnDevice: false,
  },
  ext4: {
    ...DISK,
    handles: () => USUAL_HANDLES,
    dirBytes: ({ nlink, wasReplaced }) => (nlink === 0 && !wasReplaced ? 0 : BLOCK_BYTES),
    blocks: blocksWith({ ofDir: SECTORS_PER_BLOCK, inlineSymlinkBytes: 59 }),
    hashesNames: true,
    ownFlags: ['FS_EXTENT_FL'],
    hasVerity: true,
    zeroesTails: ({ behaviour }) => behaviour.ext4Tails === 'zeroed',
  },
  xfs: {
    ...LOWER_DISK,
    handles: () => ({ bytes: 12, is32Bit: false }),
    dirBytes: ({ entries }) => 6 + sumOf(entries.keys(), (name) => 8 + name.length),
    blocks: blocksWith({ ofDir: 0, inlineSymlinkBytes: 1024 }),
    hashesNames: true,
    showsOwnAcls: true,
    renameOverFull: 'EEXIST',
  },
  btrfs: {
    ...LOWER_DISK,
    handles: () => ({ bytes: 20, is32Bit: false }),
    dirBytes: ({ entries }) => sumOf(entries.keys(), (name) => 2 * name.length),
    blocks: btrfsBlocks,
    hashesNames: false,
    countsNoDirs: true,
    statxMask: ({ features }) => (features.has('subvolume-ids') ? BTIME | SUBVOL : BTIME),
  },
  squashfs: {
    ...READ_ONLY,
    statBlockBytes: 1024,
    dirBytes: ({ entries }) => 3 + sumOf(entries.keys(), (name) => 20 + name.length),
    blocks: squashfsBlocks,
    wholeData: ({ behaviour }) => (behaviour.squashfsHoles === 'data' ? 'all' : 'what is not zero'),
    hasNullUuid: true,
    hasAtime: true,
    statxAttributes: NOTHING_KNOWN,
    acls: 'none',
    nameBytesMax: 256,
    takesDirect: () => false,
    handles: () => USUAL_HANDLES,
  },
  erofs: {
    ...READ_ONLY,
    dirBytes: erofsDirBytes,
    blocks: erofsBlocks,
    wholeData: () => 'all',
    hasNullUuid: false,
    hasAtime: false,
    statxAttributes: ATTR_IMMUTABLE,
    acls: 'reads',
    nameBytesMax: 255,
    takesDirect: ({ features }) => features.has('erofs-direct'),
    handles: ({ behaviour }) => EROFS_HANDLES[behaviour.erofsHandles],
  },
} as const satisfies Record<string, BaseProfile>;

export type BaseType = keyof typeof BASE_PROFILES;
// The literal has no other keys.
export const BASE_TYPES = Object.keys(BASE_PROFILES) as readonly BaseType[];
/** Those that may be under the upper layer. */
export const UPPER_TYPES = BASE_TYPES.filter((type) => BASE_PROFILES[type].canBeUpper);

export function profileOf({ base }: Pick<RealInode, 'base'>): BaseProfile {
  return BASE_PROFILES[base];
}

/** Whether objects have file handles that lead back to them. */
export function hasHandles(inode: Pick<RealInode, 'base'>, semantics: Semantics): boolean {
  return profileOf(inode).handles(semantics) !== null;
}

/** Whether the file system has room for xattrs of that name. */
export function keepsXattr(
  { base }: Pick<RealInode, 'base'>,
  name: string,
  { behaviour }: Semantics,
): boolean {
  if (isAclName(name)) return BASE_PROFILES[base].acls !== 'none';
  if (!name.startsWith('user.')) return name.startsWith('trusted.') || name.startsWith('security.');
  return base !== 'tmpfs' || behaviour.tmpfsUserXattr === 'supported';
}
