import type {
  AccessMode,
  AtFlag,
  FallocateFlag,
  AnyFileFlag,
  FileXflag,
  HandleFlag,
  FlockKind,
  FsRequest,
  LockType,
  MapSharing,
  MsyncFlag,
  OpenFlag,
  Protection,
  RenameFlag,
  ResolveFlag,
  RwFlag,
  StatxFlag,
  StatxMask,
  Whence,
  XattrFlag,
} from '../model/flags.ts';

/** Numbers of the constants that the model spells by name, from the kernel's uapi headers. */

const ARCH_OPEN_FLAGS = {
  x64: { O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000, O_DIRECT: 0o40000 },
  arm64: { O_DIRECTORY: 0o40000, O_NOFOLLOW: 0o100000, O_DIRECT: 0o200000 },
};

const ARCH = process.arch === 'arm64' ? ARCH_OPEN_FLAGS.arm64 : ARCH_OPEN_FLAGS.x64;

export const OPEN_FLAGS: Readonly<Record<OpenFlag, number>> = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_EXCL: 0o200,
  O_TRUNC: 0o1000,
  O_APPEND: 0o2000,
  O_SYNC: 0o4010000,
  O_NOATIME: 0o1000000,
  O_PATH: 0o10000000,
  O_TMPFILE: 0o20000000 | ARCH.O_DIRECTORY,
  ...ARCH,
};

export const O_NONBLOCK = 0o4000;
export const O_CLOEXEC = 0o2000000;
/** O_NONBLOCK keeps fifos from blocking the executor; O_CLOEXEC is habit. */
export const OPEN_FLAGS_ALWAYS = O_NONBLOCK | O_CLOEXEC;

/** What a watch is told, apart from its own end. */
export const INOTIFY_EVENTS: Readonly<Record<string, number>> = {
  IN_ACCESS: 0x1,
  IN_MODIFY: 0x2,
  IN_ATTRIB: 0x4,
  IN_CLOSE_WRITE: 0x8,
  IN_CLOSE_NOWRITE: 0x10,
  IN_OPEN: 0x20,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
};

/** What it is told beside that. */
export const INOTIFY_FLAGS: Readonly<Record<string, number>> = {
  IN_UNMOUNT: 0x2000,
  IN_Q_OVERFLOW: 0x4000,
  IN_IGNORED: 0x8000,
  IN_ISDIR: 0x40000000,
};

export const RW_FLAGS: Readonly<Record<RwFlag, number>> = {
  RWF_HIPRI: 1,
  RWF_DSYNC: 2,
  RWF_SYNC: 4,
  RWF_NOWAIT: 8,
  RWF_APPEND: 16,
  RWF_NOAPPEND: 32,
};

export const RESOLVE_FLAGS: Readonly<Record<ResolveFlag, number>> = {
  RESOLVE_NO_XDEV: 1,
  RESOLVE_NO_MAGICLINKS: 2,
  RESOLVE_NO_SYMLINKS: 4,
  RESOLVE_BENEATH: 8,
  RESOLVE_IN_ROOT: 16,
};

export const RENAME_FLAGS: Readonly<Record<RenameFlag, number>> = {
  RENAME_NOREPLACE: 1,
  RENAME_EXCHANGE: 2,
  RENAME_WHITEOUT: 4,
};

export const FALLOCATE_FLAGS: Readonly<Record<FallocateFlag, number>> = {
  FALLOC_FL_KEEP_SIZE: 1,
  FALLOC_FL_PUNCH_HOLE: 2,
  FALLOC_FL_COLLAPSE_RANGE: 8,
  FALLOC_FL_ZERO_RANGE: 16,
  FALLOC_FL_INSERT_RANGE: 32,
};

export const XATTR_FLAGS: Readonly<Record<XattrFlag, number>> = {
  XATTR_CREATE: 1,
  XATTR_REPLACE: 2,
};

export const AT_FLAGS: Readonly<Record<AtFlag, number>> = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_EACCESS: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_EMPTY_PATH: 0x1000,
};

export const STATX_FLAGS: Readonly<Record<StatxFlag, number>> = {
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_NO_AUTOMOUNT: 0x800,
  AT_STATX_FORCE_SYNC: 0x2000,
  AT_STATX_DONT_SYNC: 0x4000,
};

export const STATX_MASKS: Readonly<Record<StatxMask, number>> = {
  STATX_TYPE: 0x1,
  STATX_SIZE: 0x200,
  STATX_INO: 0x100,
  STATX_MTIME: 0x40,
  STATX_CTIME: 0x80,
  STATX_BASIC_STATS: 0x7ff,
  STATX_BTIME: 0x800,
  STATX_MNT_ID_UNIQUE: 0x4000,
  STATX__RESERVED: 0x8000_0000,
};

export const HANDLE_FLAGS: Readonly<Record<HandleFlag, number>> = {
  AT_SYMLINK_FOLLOW: 0x400,
  AT_HANDLE_FID: 0x200,
  AT_HANDLE_CONNECTABLE: 2,
};

export const FILE_FLAGS: Readonly<Record<AnyFileFlag, number>> = {
  FS_SYNC_FL: 0x8,
  FS_IMMUTABLE_FL: 0x10,
  FS_APPEND_FL: 0x20,
  FS_NODUMP_FL: 0x40,
  FS_NOATIME_FL: 0x80,
  FS_EXTENT_FL: 0x8_0000,
  FS_VERITY_FL: 0x10_0000,
};

/** There is room for xattrs: on xfs, mostly. */
export const FS_XFLAG_HASATTR = 0x8000_0000;
/** The same flags as FS_IOC_FSGETXATTR numbers them. */
export const FILE_XFLAGS: Readonly<Record<FileXflag, number>> = {
  FS_SYNC_FL: 0x20,
  FS_IMMUTABLE_FL: 0x8,
  FS_APPEND_FL: 0x10,
  FS_NODUMP_FL: 0x80,
  FS_NOATIME_FL: 0x40,
  FS_VERITY_FL: 0x2_0000,
  FS_XFLAG_PREALLOC: 0x2,
};

export const FS_IOC_SETFLAGS = 0x4008_6602;
export const FS_IOC_FSGETXATTR = 0x801c_581f;
export const FS_IOC_FSSETXATTR = 0x401c_5820;
export const FILE_FLAGS_BYTES = 8;
export const FSXATTR_BYTES = 28;

export const PROTECTIONS: Readonly<Record<Protection, number>> = { PROT_READ: 1, PROT_WRITE: 2 };

export const MAP_SHARINGS: Readonly<Record<MapSharing, number>> = { MAP_SHARED: 1, MAP_PRIVATE: 2 };

export const MSYNC_FLAGS: Readonly<Record<MsyncFlag, number>> = {
  MS_ASYNC: 1,
  MS_INVALIDATE: 2,
  MS_SYNC: 4,
};

const LOCK_NB = 4;

export const FLOCK_KINDS: Readonly<Record<FlockKind, number>> = {
  LOCK_SH: 1 | LOCK_NB,
  LOCK_EX: 2 | LOCK_NB,
  LOCK_UN: 8 | LOCK_NB,
};

export const LOCK_TYPES: Readonly<Record<LockType, number>> = {
  F_RDLCK: 0,
  F_WRLCK: 1,
  F_UNLCK: 2,
};

export const FS_REQUESTS: Readonly<Record<FsRequest, number>> = {
  FIFREEZE: 0xc004_5877,
  FITHAW: 0xc004_5878,
  FITRIM: 0xc018_5879,
  FS_IOC_SHUTDOWN: 0x8004_587d,
  FS_IOC_GETVERSION: 0x8008_7601,
  FS_IOC_FIEMAP: 0xc020_660b,
  FIGETBSZ: 2,
  FS_IOC_GETFSUUID: 0x8011_1500,
};

export const FIDEDUPERANGE = 0xc018_9436;
export const F_SETOWN = 8;
export const F_OFD_SETLK = 37;
export const F_GETFD = 1;
export const F_SETLEASE = 1024;

export const ACCESS_MODES: Readonly<Record<AccessMode, number>> = { R_OK: 4, W_OK: 2, X_OK: 1 };

export const WHENCES: Readonly<Record<Whence, number>> = {
  SEEK_SET: 0,
  SEEK_CUR: 1,
  SEEK_END: 2,
  SEEK_DATA: 3,
  SEEK_HOLE: 4,
};

export const AT_FDCWD = -100;
export const MAP_FIXED = 16;
export const MAP_ANONYMOUS = 32;
export const STATX_BYTES = 256;
export const STATFS_BYTES = 120;
/** struct file_handle without and with the largest handle there can be. */
export const HANDLE_HEAD_BYTES = 8;
export const HANDLE_BYTES_MAX = 128;
/** Where in it the type is, behind the number of bytes. */
export const HANDLE_TYPE_AT = 4;
export const TIMESPEC_BYTES = 16;
export const UTIME_NOW = 0x3fffffff;
export const UTIME_OMIT = 0x3ffffffe;
export const CLOCK_REALTIME = 0;
export const CLOCK_REALTIME_COARSE = 5;
export const MS_RDONLY = 1;
export const MS_NODEV = 4;
export const MS_REMOUNT = 32;
export const MS_BIND = 4096;
export const MS_STRICTATIME = 1 << 24;
export const MS_SILENT = 0x8000;
export const MNT_DETACH = 2;
export const OPEN_TREE_CLONE = 1;
export const MOUNT_ATTR_IDMAP = 0x0010_0000;
export const MOVE_MOUNT_F_EMPTY_PATH = 4;
export const MS_NOATIME = 1024;
export const MODE_TYPES = { fifo: 0o010000, chr: 0o020000, blk: 0o060000 } as const;

/** A device number as mknod(2) takes it. */
export function deviceNumber({
  major,
  minor,
}: {
  readonly major: number;
  readonly minor: number;
}): number {
  return (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & ~0xff) << 12);
}

/** The numbers of some flags, joined. */
export function flagBits<F extends string>(
  table: Readonly<Record<F, number>>,
  names: readonly F[],
): number {
  let bits = 0;
  for (const name of names) bits |= table[name];
  return bits;
}

/** Stops an ext4 or xfs at once, after its journal was written out or without. */
export const FS_IOC_SHUTDOWN = FS_REQUESTS.FS_IOC_SHUTDOWN;
export const GOING_FLAGS = { flushed: 1, dropped: 2 } as const;
