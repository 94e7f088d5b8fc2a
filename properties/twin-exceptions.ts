import type { BaseType } from '../model/bases.ts';
import type { Errno } from '../model/errno.ts';
import { typeOfMode } from '../model/compare-fields.ts';
import type { ObservedStat } from '../model/observation.ts';
import type { OpName, Step } from '../model/ops/index.ts';
import type { ResultKind } from '../model/ops/op.ts';
import type { Scenario } from '../model/scenario.ts';

/** A failure that overlayfs has and plain file systems have not. */
interface OwnFailure {
  readonly ops: readonly OpName[];
  readonly errnos: readonly Errno[];
  readonly if?: (step: Step, options: string) => boolean;
  readonly why: string;
}

const SETS_FLAGS = ['setFlags', 'toggleXflags'] as const;
const CHANGES = ['fchmod', 'fchown', 'futimens', 'fsetxattr', 'fremovexattr'] as const;
const OF_OPEN = [...CHANGES, 'reopenFd'] as const;
const ENCODES = ['encodeHandle', 'encodeFdHandle'] as const;
const OPENS = ['openHandle', 'openHandleCold'] as const;
const LISTS = ['listxattr', 'llistxattr'] as const;
const SETS = ['setxattr', 'lsetxattr', 'fsetxattr'] as const;
const GETS = ['getxattr', 'lgetxattr', 'fgetxattr'] as const;
const IS_USER = /(^|,)userxattr(,|$)/;
const REMOVES = ['removexattr', 'lremovexattr', 'fremovexattr'] as const;

/** What copies up objects of any type, or what hides them. */
const COPY_UP_ALL = [
  ...[...CHANGES, ...SETS, ...REMOVES],
  ...(['chmod', 'fchmodat2', 'chown', 'lchown', 'utimens'] as const),
  ...(['link', 'linkFd', 'rename', 'unlink', 'rmdir'] as const),
] as const;
/** Where the root of the upper layer says whose it is, and what it was copied from. */
const ROOT_MARKS = ['trusted', 'user'].flatMap((prefix) => {
  return ['uuid', 'origin', 'impure'].map((mark) => `merged xattr ${prefix}.overlay.${mark}`);
});

function isOtherPrefix(step: Step, options: string): boolean {
  return step.op === 'mountOther' && IS_USER.test(step.args.options) !== IS_USER.test(options);
}

/** A step that fails this way is not made on the plain file system. */
export const OWN_FAILURES: readonly OwnFailure[] = [
  {
    ops: SETS_FLAGS,
    errnos: ['EACCES'],
    why: 'Who may not set flags is told so before the layer is asked whether it has any.',
  },
  {
    ops: ['rename'],
    errnos: ['EXDEV'],
    why: 'A directory that is in a lower layer is not moved without a redirect (OVL-OP-50).',
  },
  {
    ops: ['rename'],
    errnos: ['EINVAL'],
    if: ({ args }) => 'flags' in args && args.flags.some((flag) => flag === 'RENAME_WHITEOUT'),
    why: 'Overlayfs makes whiteouts, and nobody else on it.',
  },
  {
    ops: ['mknod'],
    errnos: ['EPERM'],
    if: ({ args }) => 'device' in args && args.device.major === 0 && args.device.minor === 0,
    why: 'A character device 0:0 is a whiteout (OVL-OP-24).',
  },
  {
    ops: [...OF_OPEN, ...SETS_FLAGS],
    errnos: ['EEXIST', 'EISDIR', 'ENOTDIR', 'ENOTEMPTY'],
    why: 'Copy-up of an open lower file that was removed finds its name taken (OVL-OP-44).',
  },
  {
    ops: [...OF_OPEN, ...SETS_FLAGS],
    errnos: ['EIO', 'ENOENT'],
    why: 'Copy-up of an open lower file finds no directory to put it in (OVL-OP-44).',
  },
  {
    ops: [...ENCODES, ...OPENS],
    errnos: ['EOPNOTSUPP', 'ESTALE'],
    if: (_, options) => !options.includes('nfs_export=on'),
    why: 'File handles can be opened with nfs_export=on only.',
  },
  {
    ops: ['open', 'openat2'],
    errnos: ['EOPNOTSUPP'],
    if: ({ args }) => 'flags' in args && args.flags.some((flag) => flag === 'O_TMPFILE'),
    why: 'Before 6.2 there are no unnamed files (OVL-OP-27).',
  },
  {
    ops: LISTS,
    errnos: ['ERANGE'],
    why: 'There must be room for names that are then not shown (OVL-OP-72).',
  },
  {
    ops: [...REMOVES, ...SETS],
    errnos: ['ENODATA'],
    if: ({ args }) => 'name' in args && args.name.startsWith('system.posix_acl_'),
    why: 'What is to be removed must be there, even an ACL, which no value removes (OVL-OP-73).',
  },
  {
    ops: [...SETS, ...GETS, ...REMOVES],
    errnos: ['EOPNOTSUPP'],
    if: ({ args }) => 'name' in args && /^(trusted|user)\.overlay\./.test(args.name),
    why: 'Before 6.7 private names cannot be used, nor those too long to be escaped (OVL-OP-70).',
  },
  {
    ops: [...SETS, ...GETS, ...REMOVES],
    errnos: ['EINVAL'],
    if: ({ args }) => 'name' in args && /^(trusted|user)\.overlay\.$/.test(args.name),
    why: 'What begins the names that are private to overlayfs is none itself.',
  },
  {
    ops: COPY_UP_ALL,
    errnos: ['EPERM'],
    if: (_, options) => IS_USER.test(options) && /(index|nfs_export)=on/.test(options),
    why: 'What has no user.* xattrs cannot be noted in the index.',
  },
];

/** After such a failure the overlay may be another one than before, and nothing is compared. */
const OWN_ENDS: readonly OwnFailure[] = [
  {
    ops: SETS_FLAGS,
    errnos: ['EOPNOTSUPP'],
    why: 'What protects a file is noted before the layer is asked, which then refuses other flags.',
  },
];

export function isOwnEnd(step: Step, errno: Errno | number): boolean {
  return OWN_ENDS.some(({ ops, errnos }) => {
    return ops.includes(step.op) && errnos.some((own) => own === errno);
  });
}

export function isOwnFailure(step: Step, options: string, errno: Errno | number): boolean {
  return OWN_FAILURES.some(
    ({ ops, errnos, if: holds }) =>
      ops.includes(step.op) &&
      errnos.some((own) => own === errno) &&
      (holds?.(step, options) ?? true),
  );
}

/** Results that are not compared at all, with what they then stand for. */
export const OWN_RESULTS: Readonly<Partial<Record<ResultKind, string>>> = {
  statfs: 'The type of the file system is another.',
  dirents: 'A merged directory is listed as it was when the listing began (OVL-RD-05).',
  mount: 'There is nothing to mount.',
  otherMount: 'There is nothing to mount.',
};

/** Values that are not compared; whether there is one is. */
export const OWN_VALUES: Readonly<Partial<Record<ResultKind, string>>> = {
  handle: 'A handle is what the file system makes it.',
};

/**
 * What a step may do on an overlay alone. What is there is not the same then, and nothing after it
 * is compared.
 */
export interface OwnChange {
  /** Only where all layers are on one of these. */
  readonly bases?: readonly BaseType[];
  readonly ops: readonly OpName[];
  readonly fields: readonly string[];
  /** Only where results agree, or differ so: what a plain file system may say, and the overlay. */
  readonly answers?: readonly [plain: readonly string[], overlay: string];
  readonly if?: (step: Step, scenario: Scenario, isNamed: (handle: number) => boolean) => boolean;
  readonly why: string;
  /** Only when the step fails on the overlay. */
  readonly onlyFailed?: true;
}

export const OWN_CHANGES: readonly OwnChange[] = [
  {
    ops: ['clone', 'copyFileRange'],
    fields: ['merged mode', 'merged xattr security.capability'],
    onlyFailed: true,
    why: 'Set-id bits and capabilities go before the layers are asked, which may then refuse.',
  },
  {
    ops: ['fallocate'],
    fields: ['merged mode', 'merged xattr security.capability'],
    why: 'So they do here, and a plain tmpfs of 5.10 leaves them even where it does not refuse.',
  },
  {
    ops: ['open', 'openat2', 'reopenFd'],
    fields: ['merged size', 'merged content', 'merged mtime'],
    if: ({ args }) => 'flags' in args && args.flags.some((flag) => flag === 'O_TRUNC'),
    onlyFailed: true,
    why: 'Copy-up leaves the data behind before the file is opened, which may then be refused.',
  },
  {
    ops: ['linkFd'],
    fields: ['merged mode', 'merged xattr security.capability'],
    why: 'What a refused change took from a file without a name shows once it has one.',
  },
  {
    ops: ['pwritev2'],
    fields: ['merged size', 'merged content'],
    if: (step) => step.op === 'pwritev2' && step.args.flags.some((flag) => flag.includes('APPEND')),
    why: 'The layer below does not learn of these flags.',
  },
  {
    ops: ['mountOther'],
    fields: ROOT_MARKS,
    if: (step, { options }) => isOtherPrefix(step, options),
    why: 'What a mount marks under the other prefix is not private to this one.',
  },
  {
    ops: ['lseek'],
    fields: ['result', 'result errno'],
    if: ({ args }) => 'whence' in args && /DATA|HOLE/.test(args.whence),
    why: 'Copy-up may fill holes, and leave out zeros.',
  },
  {
    ops: ENCODES,
    fields: ['result errno'],
    why: 'What handles there are and how long they are is up to the file system.',
  },
  {
    ops: OPENS,
    fields: ['result errno'],
    if: ({ args }, _, isNamed) => 'handle' in args && !isNamed(args.handle),
    why: 'A handle of what lost its name is as good as the index entry (OVL-FH-20, OVL-ID-32).',
  },
  {
    ops: ['linkFd'],
    fields: ['result errno', 'merged', 'merged mtime'],
    if: (_, { options }) => /(index|nfs_export)=on/.test(options),
    why: 'The index counts names that are hidden, and its entry (OVL-IDX-10, OVL-ID-32).',
  },
];

/** STATX_ATTR_NODUMP, which copy-up leaves behind. */
export const NODUMP = 0x40;

/** Fields of a status that are something else on overlayfs. */
export const OWN_FIELDS: readonly {
  readonly fields: readonly (keyof ObservedStat)[];
  readonly if: (plain: ObservedStat, overlay: ObservedStat, scenario: Scenario) => boolean;
  readonly why: string;
}[] = [
  {
    fields: ['ino', 'dev', 'blocks', 'ctime'],
    if: () => true,
    why: 'They are those of the layers, and copy-up is a change.',
  },
  {
    fields: ['flags'],
    if: (plain, overlay) => ((plain.flags ^ overlay.flags) & ~NODUMP) === 0,
    why: 'Copy-up leaves this flag behind.',
  },
  {
    fields: ['size', 'nlink'],
    if: ({ mode }) => typeOfMode(mode) === 'dir',
    why: 'A merged directory has the size of one of its layers and the link count 1 (OVL-ID-20).',
  },
  {
    fields: ['nlink'],
    if: ({ nlink }) => nlink === 0,
    why: 'A lower file that was removed while open keeps its count (OVL-OP-44).',
  },
  {
    fields: ['nlink'],
    if: (_, overlay, { options }) => overlay.nlink > 0 && options.includes('nfs_export=on'),
    why: 'The index entry counts once the inode left the cache (OVL-ID-31).',
  },
  {
    fields: ['mtime'],
    if: ({ mode, nlink }) => typeOfMode(mode) === 'dir' && nlink === 0,
    why: 'A directory that is removed loses its whiteouts first (OVL-OP-41).',
  },
  {
    fields: ['mtime', 'atime'],
    if: ({ mode }) => typeOfMode(mode) === 'fifo',
    why: 'What goes through a pipe is the business of its overlay inode alone.',
  },
  {
    fields: ['mtime'],
    if: ({ mode }, _, { options }) =>
      typeOfMode(mode) === 'file' && options.includes('metacopy=on'),
    why: 'Data that is copied up after the metadata is written to the file (OVL-COPYUP-23).',
  },
];
