import { isAclName } from './acl.ts';
import type { FileFlag } from './flags.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

/** What file systems under the layers do each in its own way. */
export interface BaseProfile {
  /** st_size and st_blocks of a directory. */
  readonly dirBytes: (dir: RealInode) => number;
  readonly dirBlocks: number;
  /** A symlink of up to so many bytes has no block of its own. */
  readonly inlineSymlinkBytes: number;
  /** Inode numbers of 32 bits: xino has all the others for ids of file systems. */
  readonly has32BitInos: boolean;
  /** A new inode may get the number of one that is gone. */
  readonly reusesInos: boolean;
  /** Offsets in a directory are hashes of names: not even `.` is at 0, and there is an end. */
  readonly hashesNames: boolean;
  /** Reading a hole through a mapping allocates it. */
  readonly fillsMappedHoles: boolean;
  /** A page that was read, or written back, is noticed again when it is written through memory. */
  readonly noticesWrites: boolean;
  /** SEEK_DATA finds what was never written once it was read, and all is read at each step. */
  readonly readsMakeData: boolean;
  /** What was written behind the end of a file through memory is zeros when the end moves. */
  readonly zeroesTails: boolean;
  /** fallocate(2) can zero ranges and take them out, and knows what was never written. */
  readonly hasRanges: boolean;
  /** truncate(2) to the same size stamps even an empty file. */
  readonly stampsSameSize: boolean;
  /** The flags of inodes that users may change. */
  readonly flags: readonly FileFlag[];
  /** Those that each file and directory has, and must be told when others change. */
  readonly ownFlags: readonly 'FS_EXTENT_FL'[];
  /** It is on a block device, which starts out with the same bytes for each scenario. */
  readonly isOnDevice: boolean;
}

const EMPTY_TMPFS_DIR_BYTES = 40;
const TMPFS_ENTRY_BYTES = 20;
const BLOCK_BYTES = 4096;
const SECTORS_PER_BLOCK = 8;

export const BASE_PROFILES = {
  tmpfs: {
    dirBytes: ({ entries }) => EMPTY_TMPFS_DIR_BYTES + entries.size * TMPFS_ENTRY_BYTES,
    dirBlocks: 0,
    inlineSymlinkBytes: 127,
    has32BitInos: false,
    reusesInos: false,
    hashesNames: false,
    fillsMappedHoles: true,
    noticesWrites: false,
    readsMakeData: false,
    zeroesTails: false,
    hasRanges: false,
    stampsSameSize: false,
    flags: ['FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
    ownFlags: [],
    isOnDevice: false,
  },
  ext4: {
    dirBytes: ({ nlink }) => (nlink === 0 ? 0 : BLOCK_BYTES),
    dirBlocks: SECTORS_PER_BLOCK,
    inlineSymlinkBytes: 59,
    has32BitInos: true,
    reusesInos: true,
    hashesNames: true,
    fillsMappedHoles: false,
    noticesWrites: true,
    readsMakeData: true,
    zeroesTails: true,
    hasRanges: true,
    stampsSameSize: true,
    flags: ['FS_SYNC_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
    ownFlags: ['FS_EXTENT_FL'],
    isOnDevice: true,
  },
} as const satisfies Record<string, BaseProfile>;

export type BaseType = keyof typeof BASE_PROFILES;
/** Those that take changes as tmpfs does, and may be under the upper layer. */
export const UPPER_TYPES: readonly BaseType[] = ['tmpfs', 'ext4'];
// The literal has no other keys.
export const BASE_TYPES = Object.keys(BASE_PROFILES) as readonly BaseType[];

export function profileOf({ base }: Pick<RealInode, 'base'>): BaseProfile {
  return BASE_PROFILES[base];
}

/** Whether the file system has room for xattrs of that name. */
export function keepsXattr(
  { base }: Pick<RealInode, 'base'>,
  name: string,
  { behaviour }: Semantics,
): boolean {
  if (isAclName(name)) return true;
  if (!name.startsWith('user.')) return name.startsWith('trusted.') || name.startsWith('security.');
  return base !== 'tmpfs' || behaviour.tmpfsUserXattr === 'supported';
}
