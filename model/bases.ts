import { isAclName } from './acl-names.ts';
import { BOUND } from './flags.ts';
import type { FileFlag } from './flags.ts';
import { ESCAPE_BYTES, EROFS_HANDLES, NUMBERS_ALONE, USUAL_HANDLES } from './base-profile.ts';
import type { BaseProfile } from './base-profile.ts';
import {
  BLOCK_BYTES,
  blocksWith,
  btrfsBlocks,
  erofsBlocks,
  erofsDirBytes,
  ext4Blocks,
  squashfsBlocks,
  sumOf,
  pagesAround,
  xfsBlocks,
} from './base-blocks.ts';
import type { Semantics } from './semantics/semantics.ts';
import type { RealInode } from './state.ts';

const INHERITED: readonly FileFlag[] = ['FS_NODUMP_FL', 'FS_NOATIME_FL'];
const INHERITED_WITH_SYNC: readonly FileFlag[] = [...INHERITED, 'FS_SYNC_FL'];

export const EMPTY_TMPFS_DIR_BYTES = 40;
const TMPFS_ENTRY_BYTES = 20;
/** Where room was kept for xattrs, which security modules may want. */
const XFS_INLINE_DIR_BYTES = 192;
const NOTHING_KNOWN = 0;
const ATTR_IMMUTABLE = 0x10;
const BTIME = 0x800;
const SUBVOL = 0x8000;

/** What most file systems do, written to or not. */
const USUAL = {
  ...{ statBlockBytes: BLOCK_BYTES, showsLogOfDirs: () => false },
  statxMask: () => 0,
  ...{ renameOverFull: 'ENOTEMPTY', flushesFor: () => [] },
  countsNoDirs: false,
  showsOwnAcls: false,
  listsTrusted: false,
  hasVerity: false,
  tellsMoreXflags: () => false,
  stampsLostSetId: () => false,
  mapsExtents: () => false,
  fillsSplicedHoles: () => false,
  namesInSize: null,
  ...{ listsFirst: 'newest', listsOpenTime: false },
  endsFarOut: false,
  createsToReplace: () => false,
  stampsExchanged: 'all',
  ...{ clones: 'no', clonesReserved: false },
  sharesWithCopies: () => true,
  ...{ fillsBlocks: false, writesZeros: false, syncsRanges: true },
  knowsHoles: false,
  ...{ endOfHoles: () => 'as told', unmapsToEnd: () => false, stampsIdle: () => false },
  ...{ notesRoom: false, ignoresOtherXflags: false, xflagsDropSetId: false },
  guardsImmutable: false,
  triesWhiteouts: false,
  reservesCopies: false,
  inherits: { toFiles: [], toOthers: [] },
  ...{ seeksFromBefore: false, fillsAround: () => 1, isMadeWhole: false },
  ...{ isInMemory: false, noSec: () => true, dropsPartPages: false, gathersNames: false },
  ...{ hasMergedRoot: false, escapesMarks: false, asksDirOnOpen: false },
} as const satisfies Partial<BaseProfile>;

/** What file systems that can be written to have in common. */
const WRITABLE = {
  ...USUAL,
  canBeUpper: true,
  isReadOnly: false,
  wholeData: () => 'all',
  hasNullUuid: false,
  hasBtime: () => true,
  stampsXattrs: () => true,
  takesDirect: () => true,
  allocatingChanges: () => true,
  hasAtime: true,
  hasFineTimes: true,
  statxAttributes: NOTHING_KNOWN,
  acls: () => 'reads and writes',
  nameBytesMax: 255,
  stampsSameXattr: true,
  stampsGoneAcl: true,
  stampsAclOfMode: true,
  whiteoutsInherit: true,
} as const satisfies Partial<BaseProfile>;

/** Made on a device by calls. */
const DISK = {
  ...WRITABLE,
  reusesInos: true,
  endsFarOut: true,
  seeksDirs: true,
  fillsMappedHoles: false,
  noticesAgain: 'written back',
  readsMakeData: true,
  zeroesTails: () => true,
  hasRanges: true,
  sameSize: 'mode and times',
  isOnDevice: true,
  mapsExtents: () => true,
  flags: ['FS_SYNC_FL', 'FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
  ownFlags: [],
} as const satisfies Partial<BaseProfile>;

/** What only a file system that is written to could show. */
const READ_ONLY = {
  ...USUAL,
  canBeUpper: false,
  ...{ hashesNames: false, listsFirst: 'lowest', seeksDirs: true },
  reusesInos: false,
  fillsMappedHoles: false,
  noticesAgain: 'none',
  readsMakeData: false,
  zeroesTails: () => false,
  hasRanges: false,
  sameSize: 'mode, times with pages',
  stampsSameXattr: false,
  stampsGoneAcl: false,
  stampsAclOfMode: false,
  whiteoutsInherit: false,
  collapses: false,
  isOnDevice: true,
  isReadOnly: true,
  isMadeWhole: true,
  hasBtime: () => false,
  stampsXattrs: () => false,
  allocatingChanges: () => false,
  hasFineTimes: false,
  flags: [],
  ownFlags: [],
} as const satisfies Partial<BaseProfile>;

const TMPFS = {
  ...WRITABLE,
  handles: () => ({ bytes: 12, is32Bit: false }),
  dirBytes: ({ entries }) => EMPTY_TMPFS_DIR_BYTES + entries.size * TMPFS_ENTRY_BYTES,
  blocks: blocksWith({ ofDir: 0, inlineSymlinkBytes: 127 }),
  reusesInos: false,
  hashesNames: false,
  seeksDirs: false,
  fillsMappedHoles: true,
  noticesAgain: 'none',
  readsMakeData: false,
  zeroesTails: () => false,
  hasRanges: false,
  sameSize: 'mode, times with pages',
  collapses: false,
  inherits: { toFiles: INHERITED, toOthers: INHERITED },
  flags: ['FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NODUMP_FL', 'FS_NOATIME_FL'],
  ownFlags: [],
  hasBtime: ({ features }) => features.has('tmpfs-btime'),
  stampsLostSetId: ({ behaviour }) => behaviour.lostSetId === 'stamped by tmpfs',
  takesDirect: ({ features }) => features.has('tmpfs-direct'),
  stampsXattrs: ({ behaviour }) => behaviour.tmpfsXattrs === 'stamped',
  allocatingChanges: ({ behaviour }) => behaviour.tmpfsAllocation === 'is a change',
  fillsSplicedHoles: ({ behaviour }) => behaviour.tmpfsSplicedHoles === 'filled',
  ...{ isOnDevice: false, isInMemory: true, unmapsToEnd: () => true },
} as const satisfies BaseProfile;

export const BASE_PROFILES = {
  tmpfs: TMPFS,
  ext4: {
    ...DISK,
    handles: () => USUAL_HANDLES,
    dirBytes: ({ nlink, wasReplaced }) => (nlink === 0 && !wasReplaced ? 0 : BLOCK_BYTES),
    blocks: ext4Blocks,
    ...{ hashesNames: true, gathersNames: true, asksDirOnOpen: true },
    stampsSameXattr: false,
    stampsGoneAcl: false,
    stampsAclOfMode: false,
    collapses: true,
    flushesFor: ({ behaviour }) => (behaviour.ext4Punching === 'writes back' ? ['hole'] : []),
    unmapsToEnd: ({ behaviour }) => behaviour.ext4Punching === 'writes nothing',
    endOfHoles: ({ behaviour }) => behaviour.ext4EndOfHoles,
    stampsIdle: ({ behaviour }) => behaviour.ext4IdleFallocate === 'stamps',
    guardsImmutable: true,
    triesWhiteouts: true,
    inherits: { toFiles: INHERITED_WITH_SYNC, toOthers: INHERITED },
    ownFlags: ['FS_EXTENT_FL'],
    hasVerity: true,
    zeroesTails: ({ behaviour }) => behaviour.ext4Tails === 'zeroed',
  },
  xfs: {
    ...DISK,
    handles: () => ({ bytes: 12, is32Bit: false, hasIdleBits: true }),
    namesInSize: { byteBytes: 1, bytesMax: XFS_INLINE_DIR_BYTES },
    stampsGoneAcl: false,
    sameSize: 'mode unless empty',
    fillsAround: ({ behaviour }) => pagesAround(behaviour.xfsMappedHoles),
    noticesAgain: 'or perhaps resized',
    whiteoutsInherit: false,
    createsToReplace: ({ behaviour }) => behaviour.xfsReplacing === 'creates',
    stampsExchanged: 'moved directories',
    stampsIdle: () => true,
    notesRoom: true,
    ...{ ignoresOtherXflags: true, xflagsDropSetId: true },
    tellsMoreXflags: ({ xattrs, hasRoom }) => hasRoom || xattrs.size > 0 || 'perhaps',
    listsFirst: 'oldest',
    ...{ clones: 'once checked', reservesCopies: true, writesZeros: true, dropsPartPages: true },
    ...{ collapses: true, flushesFor: () => ['hole', 'zeros', 'block before'] },
    inherits: { toFiles: INHERITED_WITH_SYNC, toOthers: [] },
    dirBytes: ({ entries }) => 6 + sumOf(entries.keys(), (name) => 8 + name.length),
    blocks: xfsBlocks,
    hashesNames: true,
    showsOwnAcls: true,
    renameOverFull: 'EEXIST',
  },
  btrfs: {
    ...DISK,
    handles: () => ({ bytes: 20, is32Bit: false, sharesGenerations: true }),
    namesInSize: { byteBytes: 2, bytesMax: Infinity },
    ...{ clones: 'on disk', clonesReserved: true, collapses: false, fillsBlocks: true },
    noticesAgain: 'or cut',
    sameSize: 'mode',
    ...{ readsMakeData: false, syncsRanges: false, flushesFor: () => ['room', 'hole', 'zeros'] },
    knowsHoles: true,
    showsLogOfDirs: ({ behaviour }) => behaviour.btrfsDirBlocks === 'of their log',
    sharesWithCopies: ({ behaviour }) => behaviour.btrfsCopyUp === 'shares blocks',
    ...{ seeksFromBefore: true, hashesNames: false },
    noSec: ({ behaviour }) => behaviour.btrfsNoSec === 'remembered',
    dirBytes: ({ entries }) => sumOf(entries.keys(), (name) => 2 * name.length),
    blocks: btrfsBlocks,
    ...{ listsFirst: 'oldest', listsOpenTime: true },
    ...{ countsNoDirs: true, listsTrusted: true },
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
    acls: () => 'none',
    nameBytesMax: 256,
    takesDirect: () => false,
    handles: () => NUMBERS_ALONE,
  },
  erofs: {
    ...READ_ONLY,
    dirBytes: erofsDirBytes,
    blocks: erofsBlocks,
    wholeData: () => 'all',
    hasNullUuid: false,
    hasAtime: false,
    statxAttributes: ATTR_IMMUTABLE,
    acls: () => 'reads',
    nameBytesMax: 255,
    takesDirect: ({ features }) => features.has('erofs-direct'),
    mapsExtents: ({ features }) => features.has('erofs-direct'),
    handles: ({ behaviour }) => EROFS_HANDLES[behaviour.erofsHandles],
  },
  /** Two trees on a tmpfs, of which one is empty: only its root is merged. */
  overlay: {
    ...TMPFS,
    canBeUpper: false,
    isReadOnly: true,
    handles: () => null,
    hasNullUuid: true,
    // Who is about to set one asks the object whether it takes any.
    acls: ({ behaviour }) =>
      behaviour.aclCheck === 'after copy-up' ? 'reads' : 'reads and writes',
    hasMergedRoot: true,
    escapesMarks: true,
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
  semantics: Semantics,
): boolean {
  const { behaviour, features } = semantics;
  if (isAclName(name)) return BASE_PROFILES[base].acls(semantics) !== 'none';
  const isMark = BASE_PROFILES[base].escapesMarks && name.startsWith('trusted.overlay.');
  if (isMark)
    return features.has('escaped-xattrs') && name.length + ESCAPE_BYTES <= BOUND.nameBytes;
  if (!name.startsWith('user.')) return name.startsWith('trusted.') || name.startsWith('security.');
  return !BASE_PROFILES[base].isInMemory || behaviour.tmpfsUserXattr === 'supported';
}
