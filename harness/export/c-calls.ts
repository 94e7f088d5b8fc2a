import {
  ACCESS_MODES,
  AT_FLAGS,
  FALLOCATE_FLAGS,
  FS_IOC_FSGETXATTR,
  FS_IOC_FSSETXATTR,
  FIDEDUPERANGE,
  FS_IOC_SETFLAGS,
  FS_REQUESTS,
  F_GETFD,
  F_OFD_SETLK,
  F_SETOWN,
  F_SETLEASE,
  HANDLE_FLAGS,
  LOCK_TYPES,
  MNT_DETACH,
  MS_BIND,
  MS_NOATIME,
  MS_NODEV,
  MS_RDONLY,
  MS_REMOUNT,
  MS_STRICTATIME,
  MSYNC_FLAGS,
  OPEN_FLAGS,
  O_CLOEXEC,
  O_NONBLOCK,
  PROTECTIONS,
  RENAME_FLAGS,
  RW_FLAGS,
  STATX_FLAGS,
  STATX_MASKS,
  WHENCES,
  XATTR_FLAGS,
} from '../constants.ts';
import type { CallName } from '../protocol/protocol.ts';
import type { Instruction, ReadArgument } from '../protocol/read-program.ts';
import { bitNames, octal } from './c-text.ts';
import { pointerText } from './c-pointers.ts';

export type Call = Extract<Instruction, { op: 'call' }>;

/** How a number is spelled: as a decimal number unless it is one of these. */
type Form = 'octal' | 'at' | 'address' | 'device' | 'type' | Bits;
type Bits = Readonly<Record<string, number>>;

const OPEN = { ...OPEN_FLAGS, O_NONBLOCK, O_CLOEXEC };
const AT = { ...AT_FLAGS, ...STATX_FLAGS };
const REMOVE = { AT_REMOVEDIR: 0x200 };
const UMOUNT = { MNT_DETACH };
const MOUNT = { MS_RDONLY, MS_NODEV, MS_REMOUNT, MS_NOATIME, MS_BIND, MS_STRICTATIME };
const MAPPED = { MAP_SHARED: 1, MAP_PRIVATE: 2, MAP_FIXED: 16, MAP_ANONYMOUS: 32 };
const FCNTL = { F_GETFD, F_SETFL: 4, F_SETOWN, F_OFD_SETLK, F_SETLEASE };
const IOCTL = {
  FICLONE: 0x4004_9409,
  FS_IOC_GETFLAGS: 0x8008_6601,
  FS_IOC_SETFLAGS,
  FS_IOC_FSGETXATTR,
  FS_IOC_FSSETXATTR,
  FIDEDUPERANGE,
  ...FS_REQUESTS,
};
const LINK = { AT_SYMLINK_FOLLOW: 0x400, AT_EMPTY_PATH: 0x1000 };
const NAMED = { ...HANDLE_FLAGS, AT_EMPTY_PATH: 0x1000 };
const WATCHED = { IN_ALL_EVENTS: 0xfff };
const WAITED = { LOCK_NB: 4, LOCK_SH: 1, LOCK_EX: 2, LOCK_UN: 8 };

interface CallForm {
  /** By argument; what is missing is a decimal number. */
  readonly args?: readonly (Form | null)[];
  /** The C library does more than the call, or does not have it. */
  readonly isRaw?: true;
  /** As the C library calls it, where that is another name. */
  readonly name?: string;
}

const PLAIN: CallForm = {};

/** How each system call is spelled in C. A new one does not compile until it is here. */
const CALLS: Readonly<Record<CallName, CallForm>> = {
  openat: { args: ['at', null, OPEN, 'octal'] },
  read: PLAIN,
  write: PLAIN,
  pread64: { args: [null, 'address'], name: 'pread' },
  pwrite64: { args: [null, 'address'], name: 'pwrite' },
  lseek: { args: [null, null, WHENCES] },
  ftruncate: PLAIN,
  truncate: PLAIN,
  fallocate: { args: [null, FALLOCATE_FLAGS] },
  mkdirat: { args: ['at', null, 'octal'] },
  mknodat: { args: ['at', null, 'type', 'device'] },
  symlinkat: { args: [null, 'at'] },
  readlinkat: { args: ['at'] },
  linkat: { args: ['at', null, 'at', null, LINK] },
  unlinkat: { args: ['at', null, REMOVE] },
  renameat2: { args: ['at', null, 'at', null, RENAME_FLAGS] },
  fchmodat: { args: ['at', null, 'octal'] },
  fchmod: { args: [null, 'octal'] },
  fchownat: { args: ['at', null, null, null, AT] },
  fchown: PLAIN,
  utimensat: { args: ['at', 'address', null, AT], isRaw: true },
  fsync: PLAIN,
  fdatasync: PLAIN,
  syncfs: PLAIN,
  // That of the C library says nothing.
  sync: { isRaw: true },
  getdents64: { isRaw: true },
  setxattr: { args: [null, null, null, null, XATTR_FLAGS] },
  lsetxattr: { args: [null, null, null, null, XATTR_FLAGS] },
  fsetxattr: { args: [null, null, null, null, XATTR_FLAGS] },
  getxattr: PLAIN,
  lgetxattr: PLAIN,
  fgetxattr: PLAIN,
  listxattr: PLAIN,
  llistxattr: PLAIN,
  removexattr: PLAIN,
  lremovexattr: PLAIN,
  fremovexattr: PLAIN,
  statfs: PLAIN,
  statx: { args: ['at', null, AT, STATX_MASKS] },
  faccessat2: { args: ['at', null, { F_OK: 0, ...ACCESS_MODES }, AT], isRaw: true },
  mount: { args: ['address', null, 'address', MOUNT, 'address'] },
  umount2: { args: [null, UMOUNT] },
  clock_gettime: PLAIN,
  clock_settime: PLAIN,
  setresuid: PLAIN,
  setresgid: PLAIN,
  setgroups: PLAIN,
  umask: { args: ['octal'] },
  name_to_handle_at: { args: ['at', null, null, null, NAMED] },
  open_by_handle_at: { args: ['at', null, OPEN] },
  chdir: PLAIN,
  copy_file_range: { args: [null, 'address', null, 'address'] },
  ioctl: { args: [null, IOCTL] },
  mmap: { args: ['address', null, { PROT_NONE: 0, ...PROTECTIONS }, MAPPED] },
  munmap: { args: ['address'] },
  msync: { args: ['address', null, MSYNC_FLAGS] },
  memfd_create: PLAIN,
  flock: { args: [null, WAITED] },
  fcntl: { args: [null, FCNTL, OPEN] },
  fchmodat2: { args: ['at', null, 'octal', AT], isRaw: true },
  sendfile: { args: [null, null, 'address'] },
  fchdir: PLAIN,
  getcwd: { isRaw: true },
  fsopen: PLAIN,
  fsconfig: PLAIN,
  fsmount: PLAIN,
  move_mount: PLAIN,
  open_tree: PLAIN,
  fspick: PLAIN,
  openat2: { isRaw: true },
  dup3: { args: [null, null, OPEN] },
  close: PLAIN,
  preadv2: { isRaw: true },
  pwritev2: { args: [null, null, null, null, null, RW_FLAGS], isRaw: true },
  fadvise64: { isRaw: true },
  readahead: PLAIN,
  sync_file_range: PLAIN,
  inotify_init1: { args: [{ IN_NONBLOCK: O_NONBLOCK, IN_CLOEXEC: O_CLOEXEC }] },
  inotify_add_watch: { args: [null, null, WATCHED] },
  inotify_rm_watch: PLAIN,
  execve: PLAIN,
  delete_module: PLAIN,
  mount_setattr: { isRaw: true },
};

/** A call as somebody would write it. */
export function callText({ call, args }: Call): string {
  const { name = call, isRaw = false, args: forms = [] } = CALLS[call];
  const isOwner = call === 'fcntl' && args[1]?.value === BigInt(F_SETOWN);
  const isLease = call === 'fcntl' && args[1]?.value === BigInt(F_SETLEASE);
  const texts = args.map((arg, at) => {
    const form = at === 2 && isOwner ? null : at === 2 && isLease ? LOCK_TYPES : forms[at];
    if (arg.kind !== 'immediate') return pointerText(call, arg, args);
    const text = numberText(arg, form ?? null);
    // Nothing tells the compiler that it is a long.
    return isRaw && /^-\d+$/.test(text) ? `${text}L` : text;
  });
  if (call === 'mknodat' && args[3]?.value === 0n) texts[3] = '0';
  // The C library has flags where the kernel has none.
  if (call === 'fchmodat') texts.push('0');
  return isRaw ? `sys(${[name, ...texts].join(', ')})` : `${name}(${texts.join(', ')})`;
}

const AT_FDCWD = -100n;
const MAPS_AT = 0x10_0000_0000n;
const MAP_BYTES = 0x100_0000n;

function numberText({ value }: ReadArgument, form: Form | null): string {
  switch (form) {
    case null:
      return String(value);
    case 'octal':
      return octal(Number(value));
    case 'at':
      return value === AT_FDCWD ? 'AT_FDCWD' : String(value);
    case 'address':
      return addressText(value);
    case 'device':
      return `makedev(${(value >> 8n) & 0xfffn}, ${(value & 0xffn) | ((value >> 12n) & ~0xffn)})`;
    case 'type':
      return typeText(Number(value));
    default:
      return bitNames(form, Number(value));
  }
}

function addressText(value: bigint): string {
  if (value === 0n) return 'NULL';
  const number = (value - MAPS_AT) / MAP_BYTES;
  const rest = (value - MAPS_AT) % MAP_BYTES;
  return rest === 0n ? `map(${number})` : `map(${number}) + ${rest}`;
}

const TYPES = { S_IFIFO: 0o010000, S_IFCHR: 0o020000, S_IFBLK: 0o060000, S_IFREG: 0o100000 };

function typeText(mode: number): string {
  const type = Object.entries(TYPES).find(([, bits]) => (mode & 0o170000) === bits);
  return `${type?.[0] ?? '0'} | ${octal(mode & 0o7777)}`;
}
