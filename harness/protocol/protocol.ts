/**
 * The wire format between us and the executor in the guest, little endian, everything aligned to
 * eight bytes. `c-header.ts` prints this file as C, so neither side can drift.
 */

/**
 * Each frame: u32 type, u32 payload bytes, u32 tag, u32 zero; then the payload. That of `packed` is
 * a program as `pack.ts` packs it.
 */
export const FRAME = { hello: 1, program: 2, results: 3, fatal: 4, ping: 5, packed: 6 } as const;

/**
 * The first byte of an instruction, and of its result. A `child` is a call that a child process
 * makes: one that becomes another program is stopped, and ends when its slot is closed. There is
 * one at a time, and its slot holds no file. The calls that follow `apart` are made by a child with
 * a user and a mount namespace of its own, which has the maps of ids and our files. The call that
 * follows `until` is repeated while it fails in one way, for a time.
 */
export const INSTRUCTION = {
  call: 1,
  close: 2,
  dump: 3,
  child: 4,
  tree: 5,
  apart: 6,
  until: 7,
} as const;

/** What is done to a whole tree of files, and what a copy keeps beside owner, mode and times. */
export const TREE = { copy: 1, chown: 2, remove: 3 } as const;
export const TREE_FLAG = { xattrs: 1, links: 2 } as const;

/**
 * How an argument of a call is passed. `output` brings back as many bytes as the call returned,
 * `struct`, `inout` and `keep` the whole buffer; of a call that failed nothing comes back but what
 * it wrote to a `keep`. What that brought back from one that did not stays in the guest under the
 * number that is its value, until `kept` passes a copy of it in which the data flips bits.
 */
export const ARG = {
  immediate: 0,
  input: 1,
  output: 2,
  inout: 3,
  slot: 4,
  struct: 5,
  keep: 6,
  kept: 7,
} as const;

/** What a record of a dump says of its path. */
export const RECORD = { gone: 0, node: 1, unreadable: 2 } as const;

export const LIMIT = {
  frameBytes: 4_194_304,
  instructions: 16_384,
  arguments: 6,
  slots: 80,
  /** What is in these slots stays open from one program to the next. */
  lastingSlotsFrom: 64,
  kept: 8,
  keptBytes: 192,
  trees: 4,
  treeDepth: 24,
  /** Files with several names in a tree that is copied; of more the names come apart. */
  treeLinks: 64,
  treeNodes: 2048,
  treeBytes: 1_048_576,
  fileBytes: 1_048_576,
  xattrBytes: 65_536,
  arenaBytes: 1_048_576,
  entropyBytes: 16,
  /** Where a channel limits what may be on its way, so many bytes are granted at a time. */
  creditBytes: 1024,
  /** What is shorter is not worth a copy in a packed program. */
  packCopyBytes: 4,
  /** For how long a call may be repeated. */
  waitMs: 30_000,
} as const;

/** A C struct of the wire: field names and types in order. */
type Layout = Readonly<Record<string, 'u8' | 'u16' | 'u32' | 'u64' | 'i16' | 'i32' | 'i64'>>;

export const STRUCTS = {
  header: { type: 'u32', bytes: 'u32', tag: 'u32', zero: 'u32' },
  /** Payload of `hello`, behind the hash and before the release. */
  hello: { since_start_ns: 'u64' },
  /** Payload of `ping`: what a machine restored from a snapshot must not have twice. */
  ping: { entropy_low: 'u64', entropy_high: 'u64', realtime_ns: 'u64' },
  /** An instruction of type `call`; `count` arguments follow. */
  call: { op: 'u8', count: 'u8', call: 'u16', slot: 'i16', zero: 'u16' },
  /** For input, inout, keep and kept, `bytes` bytes of data follow, padded. */
  argument: { kind: 'u8', zero: 'u8', zero2: 'u16', bytes: 'u32', value: 'u64' },
  close: { op: 'u8', zero: 'u8', zero2: 'u16', slot: 'u32' },
  /** The path follows, NUL-terminated and padded. Afterwards the working directory is `/`. */
  dump: { op: 'u8', tree: 'u8', zero: 'u16', bytes: 'u32' },
  /** Two paths follow, each NUL-terminated, then padding; the second one is where a copy goes. */
  tree: {
    op: 'u8',
    action: 'u8',
    flags: 'u16',
    bytes: 'u32',
    uid: 'i32',
    gid: 'i32',
    zero: 'u64',
  },
  /** What is to be in uid_map and gid_map follows, each NUL-terminated, then padding. */
  apart: { op: 'u8', calls: 'u8', zero: 'u16', bytes: 'u32' },
  /** The errno with which the next call has to fail to be made again. */
  until: { op: 'u8', zero: 'u8', error: 'u16', milliseconds: 'u32' },
  /**
   * The result of a call, close, tree, apart or until, which is an errno if it was in vain; then
   * for each output its u32 length, u32 zero and bytes.
   */
  result: { op: 'u8', outputs: 'u8', zero: 'u16', zero2: 'u32', value: 'i64' },
  /** The result of a dump; `records` records follow. */
  changes: { op: 'u8', tree: 'u8', zero: 'u16', records: 'u32', error: 'i64' },
  /**
   * Then path, symlink target, xattrs and extents, each padded. `error` is that of statx for an
   * unreadable path, else the first of reading listing, content, target or the list of xattrs;
   * EEXIST for a name that its directory lists twice, EFBIG for a file that is cut off.
   */
  record: {
    bytes: 'u32',
    kind: 'u8',
    d_type: 'u8',
    path_bytes: 'u16',
    d_ino: 'u64',
    dot_ino: 'u64',
    dotdot_ino: 'u64',
    error: 'i32',
    mode: 'u32',
    nlink: 'u32',
    uid: 'u32',
    gid: 'u32',
    target_bytes: 'u32',
    xattrs: 'u32',
    extents: 'u32',
    ino: 'u64',
    size: 'u64',
    blocks: 'u64',
    dev_major: 'u32',
    dev_minor: 'u32',
    rdev_major: 'u32',
    rdev_minor: 'u32',
    atime_sec: 'i64',
    mtime_sec: 'i64',
    ctime_sec: 'i64',
    atime_nsec: 'u32',
    mtime_nsec: 'u32',
    ctime_nsec: 'u32',
    /** What is in both of stx_attributes and `SHOWN_FLAGS` below. */
    flags: 'u32',
  },
  /** Name and value follow, each padded; a negative length is an errno. */
  xattr: { name_bytes: 'u32', value_bytes: 'i32' },
  /** Content without its runs of zeros; the bytes follow, padded. */
  extent: { offset: 'u64', bytes: 'u32', zero: 'u32' },
} as const satisfies Record<string, Layout>;

/** Bits of stx_attributes: STATX_ATTR_IMMUTABLE, _APPEND, _NODUMP and _VERITY. */
export const SHOWN_FLAGS = 0x10_0070;

/** Content travels in blocks of this many bytes; blocks of zeros do not. */
export const EXTENT_BLOCK_BYTES = 64;

/** System calls that a program may make, by their index on the wire. */
export const CALLS = [
  'openat',
  'read',
  'write',
  'pread64',
  'pwrite64',
  'lseek',
  'ftruncate',
  'truncate',
  'fallocate',
  'mkdirat',
  'mknodat',
  'symlinkat',
  'readlinkat',
  'linkat',
  'unlinkat',
  'renameat2',
  'fchmodat',
  'fchmod',
  'fchownat',
  'fchown',
  'utimensat',
  'fsync',
  'fdatasync',
  'syncfs',
  'getdents64',
  'setxattr',
  'lsetxattr',
  'fsetxattr',
  'getxattr',
  'lgetxattr',
  'fgetxattr',
  'listxattr',
  'llistxattr',
  'removexattr',
  'lremovexattr',
  'fremovexattr',
  'statfs',
  'statx',
  'faccessat2',
  'mount',
  'umount2',
  'clock_gettime',
  'clock_settime',
  'setresuid',
  'setresgid',
  'setgroups',
  'umask',
  'name_to_handle_at',
  'open_by_handle_at',
  'chdir',
  'copy_file_range',
  'ioctl',
  'mmap',
  'munmap',
  'msync',
  'memfd_create',
  'flock',
  'fcntl',
  'fchmodat2',
  'sendfile',
  'fchdir',
  'getcwd',
  'fsopen',
  'fsconfig',
  'fsmount',
  'move_mount',
  'fspick',
  'open_tree',
  'openat2',
  'dup3',
  'close',
  'preadv2',
  'pwritev2',
  'fadvise64',
  'readahead',
  'sync_file_range',
  'inotify_init1',
  'inotify_add_watch',
  'inotify_rm_watch',
  'execve',
  'sync',
  'delete_module',
  'mount_setattr',
] as const;

/** Numbers that older headers lack; they are the same on every architecture. */
export const NEW_CALLS: Readonly<Partial<Record<CallName, number>>> = {
  fchmodat2: 452,
  openat2: 437,
  mount_setattr: 442,
};

export type CallName = (typeof CALLS)[number];

const SIZES = { u8: 1, u16: 2, u32: 4, u64: 8, i16: 2, i32: 4, i64: 8 } as const;

/** Byte offset of each field of a struct. Fields are naturally aligned by construction. */
export function offsetsOf<L extends Layout>(layout: L): Readonly<Record<keyof L, number>> {
  let at = 0;
  const entries = Object.entries(layout).map(([name, type]) => {
    const offset = at;
    at += SIZES[type];
    return [name, offset] as const;
  });
  // The entries are made of exactly the keys of the layout.
  return Object.fromEntries(entries) as Record<keyof L, number>;
}

export function bytesOf(layout: Layout): number {
  return Object.values(layout).reduce((sum, type) => sum + SIZES[type], 0);
}

/** Rounds up to the alignment of the wire. */
export function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}
