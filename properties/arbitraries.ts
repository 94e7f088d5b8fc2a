import fc from 'fast-check';
import type { FileFlag, FsRequest } from '../model/flags.ts';
import { DAMAGEABLE_BYTES } from '../model/overlay/damage.ts';
import { MARK_NAMES } from '../model/overlay/marks.ts';
import type { ArgKind, ArgKinds, TimeArg } from '../model/ops/op.ts';
import { AROUND_ARBITRARIES } from './around-arbitraries.ts';
import { HANDLE_ARBITRARIES } from './handle-arbitraries.ts';
import { openFlags, statusFlags } from './open-flags.ts';
import { weighted } from './weighted.ts';

/** A file capability as setxattr accepts it: version 2, effective, CAP_CHOWN. */
export const CAPABILITY = `\x01\0\0\x02\x01${'\0'.repeat(15)}`;

/** Access control lists: what the mode says too, and named users and groups. */
export const VALID_ACLS: readonly string[] = [
  acl('u7 g5 o5'),
  acl('u6 g4 o0'),
  acl('u6 U7:1000 g4 m7 o0'),
  acl('u7 U0:1000 U6:1001 g7 G5:1001 m5 o5'),
  acl('u4 g0 G7:1000 m6 o7'),
];

/** Further, one that names somebody and has no mask. */
export const ACLS: readonly string[] = [...VALID_ACLS, acl('u7 U7:1001 g5 o5')];

/** Few names, so that steps and layers meet. */
export const NAMES = ['a', 'b', 'c'] as const;

export const path: fc.Arbitrary<string> = fc
  .array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3, size: 'max' })
  .map((names) => names.join('/'));

/** Relative and without `..`, so that no symlink leads out of the tree. */
const target = fc.oneof(
  { weight: 12, arbitrary: path },
  { weight: 1, arbitrary: fc.constantFrom('d', `${'a/'.repeat(90)}a`) },
);

/** Around the edges of pages, since holes are counted in them. */
const offset = weighted<number>([
  [6, 0],
  [2, 1],
  [2, 7],
  [1, 100],
  [2, 4095],
  [3, 4096],
  [1, 4097],
  [2, 8192],
  [1, 12_288],
  [1, 20_000],
]);

const time = weighted<TimeArg>([
  [4, { sec: 1_234_567_890, nsec: 123_456_789 }],
  [2, { sec: 1, nsec: 0 }],
  [1, { sec: 2_000_000_000, nsec: 999_999_999 }],
  [3, 'UTIME_NOW'],
  [2, 'UTIME_OMIT'],
]);

const damage = fc.record({
  byte: fc.constantFrom(...DAMAGEABLE_BYTES, 0, 0, 0, 4),
  flip: fc.integer({ min: 1, max: 255 }),
});

const FS_REQUESTS: readonly FsRequest[] = [
  ...(['FIFREEZE', 'FITHAW', 'FITRIM', 'FS_IOC_SHUTDOWN', 'FS_IOC_GETVERSION'] as const),
  ...(['FS_IOC_FIEMAP', 'FS_IOC_FIEMAP', 'FIGETBSZ', 'FS_IOC_GETFSUUID'] as const),
];

const fileFlags = weighted<readonly FileFlag[]>([
  [4, ['FS_IMMUTABLE_FL']],
  [4, ['FS_APPEND_FL']],
  [2, ['FS_NODUMP_FL']],
  [2, ['FS_NOATIME_FL']],
  [1, ['FS_SYNC_FL']],
  [1, ['FS_IMMUTABLE_FL', 'FS_APPEND_FL', 'FS_NOATIME_FL']],
  [1, ['FS_IMMUTABLE_FL', 'FS_SYNC_FL']],
  [1, []],
]);

/** How each kind of argument is generated. A new kind does not compile until it is here. */
export const ARBITRARIES: { readonly [K in ArgKind]: fc.Arbitrary<ArgKinds[K]> } = {
  path,
  target,
  xattrName: weighted([
    [12, 'user.a'],
    [2, 'user.b'],
    [6, 'trusted.a'],
    [3, 'security.capability'],
    [1, 'security.a'],
    [2, 'trusted.overlay.opaque'],
    [1, 'trusted.overlay.a'],
    [1, 'user.overlay.opaque'],
    [1, 'nothing.a'],
    [3, 'system.posix_acl_access'],
    [3, 'system.posix_acl_default'],
  ]),
  bytes: weighted(
    ['', 'x', 'hello', 'y'.repeat(5), '\xff\0\x01', 'z'.repeat(70), 'w'.repeat(256)].map(
      (text, rank) => [rank === 0 ? 1 : 3, text] as const,
    ),
  ),
  mode: fc.constantFrom(
    ...[0o644, 0o755, 0o600, 0o700, 0o777, 0o666, 0o444, 0o000],
    ...[0o4755, 0o2755, 0o6777, 0o1777, 0o2770, 0o2644, 0o711],
  ),
  device: weighted<ArgKinds['device']>([
    [3, { type: 'fifo', major: 0, minor: 0 }],
    [2, { type: 'chr', major: 1, minor: 3 }],
    [1, { type: 'chr', major: 0, minor: 0 }],
    [1, { type: 'blk', major: 7, minor: 200 }],
  ]),
  fd: fc.nat(3),
  newFd: fc.nat(3),
  offset,
  map: fc.nat(1),
  newMap: fc.nat(1),
  position: weighted<number | null>([
    [6, null],
    [4, 0],
    [1, 7],
    [1, 4095],
    [2, 4096],
    [1, 20_000],
    [1, -1],
  ]),
  size: weighted<number>([
    [8, 4096],
    [3, 300],
    [2, 64],
    [2, 5],
    [1, 1],
    [2, 0],
  ]),
  owner: weighted<number>([
    [3, 1000],
    [2, 1001],
    [2, 0],
    [3, -1],
  ]),
  time,
  openFlags,
  reopenFlags: weighted<ArgKinds['reopenFlags']>([
    [6, ['O_RDONLY']],
    [5, ['O_RDWR']],
    [1, ['O_WRONLY', 'O_APPEND']],
    [2, ['O_RDONLY', 'O_DIRECTORY']],
    [1, ['O_RDWR', 'O_TRUNC']],
    [2, ['O_PATH']],
    [1, ['O_RDONLY', 'O_NOATIME', 'O_NOFOLLOW']],
  ]),
  statusFlags,
  rwFlags: weighted<ArgKinds['rwFlags']>([
    [1, []],
    [4, ['RWF_APPEND']],
    [3, ['RWF_NOAPPEND']],
    [1, ['RWF_SYNC']],
    [1, ['RWF_DSYNC', 'RWF_HIPRI', 'RWF_APPEND']],
    [1, ['RWF_NOWAIT']],
    [1, ['RWF_APPEND', 'RWF_NOAPPEND']],
  ]),
  resolveFlags: weighted<ArgKinds['resolveFlags']>([
    [2, []],
    [4, ['RESOLVE_NO_SYMLINKS']],
    [2, ['RESOLVE_BENEATH']],
    [2, ['RESOLVE_IN_ROOT', 'RESOLVE_NO_XDEV']],
    [1, ['RESOLVE_NO_MAGICLINKS']],
    [1, ['RESOLVE_BENEATH', 'RESOLVE_IN_ROOT']],
  ]),
  renameFlags: weighted<ArgKinds['renameFlags']>([
    [16, []],
    [3, ['RENAME_NOREPLACE']],
    [8, ['RENAME_EXCHANGE']],
    [1, ['RENAME_WHITEOUT']],
    [1, ['RENAME_NOREPLACE', 'RENAME_EXCHANGE']],
  ]),
  fallocateFlags: weighted<ArgKinds['fallocateFlags']>([
    [4, []],
    [2, ['FALLOC_FL_KEEP_SIZE']],
    [5, ['FALLOC_FL_PUNCH_HOLE', 'FALLOC_FL_KEEP_SIZE']],
    [1, ['FALLOC_FL_PUNCH_HOLE']],
    [1, ['FALLOC_FL_ZERO_RANGE']],
    [1, ['FALLOC_FL_COLLAPSE_RANGE']],
  ]),
  xattrFlags: weighted<ArgKinds['xattrFlags']>([
    [5, []],
    [2, ['XATTR_CREATE']],
    [2, ['XATTR_REPLACE']],
    [1, ['XATTR_CREATE', 'XATTR_REPLACE']],
  ]),
  atFlags: weighted<ArgKinds['atFlags']>([
    [1, []],
    [1, ['AT_SYMLINK_NOFOLLOW']],
  ]),
  fileFlags,
  fileXflags: fileFlags,
  fsRequest: fc.constantFrom(...FS_REQUESTS),
  statxFlags: weighted<ArgKinds['statxFlags']>([
    [4, []],
    [4, ['AT_SYMLINK_NOFOLLOW']],
    [1, ['AT_NO_AUTOMOUNT', 'AT_STATX_FORCE_SYNC']],
    [1, ['AT_STATX_DONT_SYNC']],
    [1, ['AT_STATX_FORCE_SYNC', 'AT_STATX_DONT_SYNC']],
  ]),
  statxMask: weighted<ArgKinds['statxMask']>([
    [2, []],
    [2, ['STATX_TYPE', 'STATX_SIZE', 'STATX_INO']],
    [2, ['STATX_MTIME']],
    [2, ['STATX_CTIME', 'STATX_BTIME']],
    [4, ['STATX_BASIC_STATS', 'STATX_BTIME']],
    [2, ['STATX_BASIC_STATS', 'STATX_MNT_ID_UNIQUE']],
    [1, ['STATX_BASIC_STATS', 'STATX__RESERVED']],
  ]),
  protection: weighted<ArgKinds['protection']>([
    [4, ['PROT_READ']],
    [6, ['PROT_READ', 'PROT_WRITE']],
    [1, ['PROT_WRITE']],
  ]),
  mapSharing: weighted<ArgKinds['mapSharing']>([
    [3, 'MAP_SHARED'],
    [2, 'MAP_PRIVATE'],
  ]),
  flockKind: weighted<ArgKinds['flockKind']>([
    [3, 'LOCK_SH'],
    [4, 'LOCK_EX'],
    [1, 'LOCK_UN'],
  ]),
  lockType: weighted<ArgKinds['lockType']>([
    [4, 'F_RDLCK'],
    [4, 'F_WRLCK'],
    [1, 'F_UNLCK'],
  ]),
  umask: fc.constantFrom(0o022, 0o077, 0o777, 0o000),
  msyncFlags: weighted<ArgKinds['msyncFlags']>([
    [3, ['MS_SYNC']],
    [1, ['MS_ASYNC']],
    [1, ['MS_SYNC', 'MS_INVALIDATE']],
    [1, ['MS_ASYNC', 'MS_SYNC']],
  ]),
  accessMode: weighted<ArgKinds['accessMode']>([
    [1, []],
    [2, ['R_OK']],
    [4, ['W_OK']],
    [3, ['X_OK']],
    [2, ['R_OK', 'W_OK']],
    [1, ['R_OK', 'W_OK', 'X_OK']],
  ]),
  handle: fc.nat(3),
  newHandle: fc.nat(3),
  handleFlags: weighted<ArgKinds['handleFlags']>([
    [6, []],
    [6, ['AT_HANDLE_FID']],
    [2, ['AT_SYMLINK_FOLLOW']],
    [1, ['AT_SYMLINK_FOLLOW', 'AT_HANDLE_FID']],
    [2, ['AT_HANDLE_CONNECTABLE']],
    [1, ['AT_HANDLE_CONNECTABLE', 'AT_HANDLE_FID']],
  ]),
  markName: fc.constantFrom(...MARK_NAMES.filter((name) => name.startsWith('trusted.'))),
  ...HANDLE_ARBITRARIES,
  ...AROUND_ARBITRARIES,
  journal: fc.constantFrom('flushed', 'dropped'),
  room: fc.constantFrom('data', 'inodes'),
  damage: fc.oneof(
    { weight: 5, arbitrary: fc.constant('none' as const) },
    { weight: 1, arbitrary: damage },
  ),
  whence: weighted<ArgKinds['whence']>([
    [5, 'SEEK_SET'],
    [4, 'SEEK_CUR'],
    [2, 'SEEK_END'],
    [3, 'SEEK_DATA'],
    [3, 'SEEK_HOLE'],
  ]),
};

/** A list from its entries: who, what they may, and the id of a named user or group. */
function acl(text: string): string {
  const tags: Readonly<Record<string, number>> = { u: 1, U: 2, g: 4, G: 8, m: 16, o: 32 };
  const entries = text.split(' ').map((entry) => {
    const who = entry[0] ?? '';
    const perm = Number(entry[1]);
    const id = entry.length > 2 ? Number(entry.slice(3)) : 0xffff_ffff;
    const bytes = [tags[who] ?? 0, 0, perm, 0, id & 255, (id >> 8) & 255, (id >> 16) & 255];
    return String.fromCharCode(...bytes, id >>> 24);
  });
  return `\x02\0\0\0${entries.join('')}`;
}
