/** Flags of system calls by name: a scenario spells them, the encoder knows their numbers. */
export type OpenFlag =
  | 'O_RDONLY'
  | 'O_WRONLY'
  | 'O_RDWR'
  | 'O_CREAT'
  | 'O_EXCL'
  | 'O_TRUNC'
  | 'O_APPEND'
  | 'O_DIRECTORY'
  | 'O_NOFOLLOW'
  | 'O_TMPFILE'
  | 'O_PATH'
  | 'O_NOATIME'
  | 'O_SYNC'
  | 'O_DIRECT';

/** Flags for opening what is there, by whatever it is known. */
export type ReopenFlag = Exclude<OpenFlag, 'O_CREAT' | 'O_EXCL' | 'O_TMPFILE'>;

/** What fcntl(2) may change of them. */
export type StatusFlag = Extract<OpenFlag, 'O_APPEND' | 'O_NOATIME'>;

export type ResolveFlag =
  | 'RESOLVE_NO_XDEV'
  | 'RESOLVE_NO_MAGICLINKS'
  | 'RESOLVE_NO_SYMLINKS'
  | 'RESOLVE_BENEATH'
  | 'RESOLVE_IN_ROOT';

export type RwFlag =
  'RWF_HIPRI' | 'RWF_DSYNC' | 'RWF_SYNC' | 'RWF_NOWAIT' | 'RWF_APPEND' | 'RWF_NOAPPEND';

export type RenameFlag = 'RENAME_NOREPLACE' | 'RENAME_EXCHANGE' | 'RENAME_WHITEOUT';

export type FallocateFlag =
  | 'FALLOC_FL_KEEP_SIZE'
  | 'FALLOC_FL_PUNCH_HOLE'
  | 'FALLOC_FL_ZERO_RANGE'
  | 'FALLOC_FL_COLLAPSE_RANGE'
  | 'FALLOC_FL_INSERT_RANGE';

export type XattrFlag = 'XATTR_CREATE' | 'XATTR_REPLACE';

export type AtFlag = 'AT_SYMLINK_NOFOLLOW' | 'AT_SYMLINK_FOLLOW' | 'AT_EACCESS' | 'AT_EMPTY_PATH';

/** Flags of an inode that file systems have in common, as FS_IOC_SETFLAGS spells them. */
export type FileFlag =
  'FS_SYNC_FL' | 'FS_IMMUTABLE_FL' | 'FS_APPEND_FL' | 'FS_NODUMP_FL' | 'FS_NOATIME_FL';

/** And those that say how a file is laid out on ext4, and that it never changes. */
export type AnyFileFlag = FileFlag | 'FS_EXTENT_FL' | 'FS_VERITY_FL';

/** What FS_IOC_FSSETXATTR may hand on of another file system: that a file has xattrs, on xfs. */
export type ToldFlag = AnyFileFlag | 'FS_XFLAG_HASATTR';

/** What FS_IOC_FSGETXATTR tells of them. */
export type FileXflag = Exclude<AnyFileFlag, 'FS_EXTENT_FL'> | 'FS_XFLAG_PREALLOC';

/** Those that forbid changes. */
export type ProtectionFlag = 'FS_IMMUTABLE_FL' | 'FS_APPEND_FL';

export type StatxFlag =
  'AT_SYMLINK_NOFOLLOW' | 'AT_NO_AUTOMOUNT' | 'AT_STATX_FORCE_SYNC' | 'AT_STATX_DONT_SYNC';

export type StatxMask =
  | 'STATX_TYPE'
  | 'STATX_SIZE'
  | 'STATX_INO'
  | 'STATX_MTIME'
  | 'STATX_CTIME'
  | 'STATX_BASIC_STATS'
  | 'STATX_BTIME'
  | 'STATX_MNT_ID_UNIQUE'
  | 'STATX__RESERVED';

export type HandleFlag = 'AT_SYMLINK_FOLLOW' | 'AT_HANDLE_FID' | 'AT_HANDLE_CONNECTABLE';

export type AccessMode = 'R_OK' | 'W_OK' | 'X_OK';

export type Protection = 'PROT_READ' | 'PROT_WRITE';

export type MapSharing = 'MAP_SHARED' | 'MAP_PRIVATE';

export type MsyncFlag = 'MS_ASYNC' | 'MS_INVALIDATE' | 'MS_SYNC';

export type FlockKind = 'LOCK_SH' | 'LOCK_EX' | 'LOCK_UN';

export type LockType = 'F_RDLCK' | 'F_WRLCK' | 'F_UNLCK';

/** What a file system as a whole is asked for, or told, through any file of it. */
export type FsRequest =
  | 'FIFREEZE'
  | 'FITHAW'
  | 'FITRIM'
  | 'FS_IOC_SHUTDOWN'
  | 'FS_IOC_GETVERSION'
  | 'FS_IOC_FIEMAP'
  | 'FIGETBSZ'
  | 'FS_IOC_GETFSUUID';

export type Whence = 'SEEK_SET' | 'SEEK_CUR' | 'SEEK_END' | 'SEEK_DATA' | 'SEEK_HOLE';

/** Of the NFS protocol, with their minor versions, as files of the kernel are called. */
export type NfsVersion = 'nfs3' | 'nfs40' | 'nfs42';

export const PAGE_BYTES = 4096;

/** Bounds of a scenario; a file that goes beyond one is refused, and the model relies on them. */
export const BOUND = {
  steps: 200,
  layers: 8,
  /** So many lower layers are not made more. */
  rotatedLowers: 5,
  entriesPerLayer: 64,
  pathBytes: 1000,
  nameBytes: 255,
  fileBytes: 65_536,
  /** Of a file of a layer, which is then nearly all holes. */
  sparseBytes: 1_073_741_824,
  dataBytes: 256,
  slots: 4,
  handles: 4,
  maps: 2,
} as const;
