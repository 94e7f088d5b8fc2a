import type { OpName, Step } from '../model/ops/index.ts';
import type { Scenario } from '../model/scenario.ts';
import type { OwnChange } from './twin-exceptions.ts';

const CAPABILITY = 'merged xattr security.capability';
const CHANGES_OF_DATA = [
  'merged size',
  'merged content',
  'merged mtime',
  'merged mode',
  CAPABILITY,
];
const FLAG_OPS = ['getFlags', 'getXflags', 'setFlags', 'toggleXflags'] as const;

const WRITES: readonly OpName[] = [
  ...(['write', 'pwrite', 'pwritev2', 'ftruncate', 'truncate', 'fallocate'] as const),
  ...(['clone', 'copyFileRange', 'dedupe', 'sendfile', 'sendfileTo'] as const),
];
const CHANGES_OF_STATUS: readonly OpName[] = [
  ...(['chown', 'lchown', 'fchown', 'setFlags', 'toggleXflags'] as const),
];

/** Each begins with a remount. */
const DROPS_CACHES: readonly OpName[] = ['dropCaches', 'openHandleCold'];

/** Whether anything may be protected by then. */
function protectsBefore(step: Step, scenario: Scenario): boolean {
  return (
    isAfter(['setFlags', 'toggleXflags'], step, scenario) ||
    scenario.layers.some(({ entries }) => entries.some(({ flags = [] }) => flags.length > 0))
  );
}

function isAfter(ops: readonly OpName[], step: Step, { steps }: Scenario): boolean {
  return steps.slice(0, steps.indexOf(step)).some(({ op }) => ops.includes(op));
}

/**
 * What file systems on devices do of their own and tmpfs does not, so that an overlay on them does
 * it in another way, or not at all. Lockstep predicts each of them.
 */
export const CHANGES_ON_BASES: readonly OwnChange[] = [
  {
    bases: ['ext4'],
    ops: ['rename'],
    fields: ['merged mtime'],
    onlyFailed: true,
    why: 'A whiteout is put in the place of the source before the target turns out to be full.',
  },
  {
    bases: ['xfs'],
    ops: ['rename'],
    fields: ['merged mtime'],
    why: 'A directory is moved by changing places with a whiteout, which stamps it.',
  },
  {
    bases: ['xfs'],
    ops: ['rename'],
    fields: ['result errno'],
    answers: [['EEXIST'], 'ENOTEMPTY'],
    why: 'POSIX lets a file system say either of a directory that is not empty.',
  },
  {
    bases: ['ext4', 'xfs', 'btrfs'],
    ops: [...WRITES, ...CHANGES_OF_STATUS],
    fields: ['result errno', ...CHANGES_OF_DATA, 'merged flags'],
    answers: [['EPERM'], 'success'],
    if: protectsBefore,
    why: 'An overlay keeps what protects a file, and its layer would refuse more (OVL-OP-62).',
  },
  {
    bases: ['ext4'],
    ops: ['writeMap'],
    fields: ['result errno', ...CHANGES_OF_DATA],
    answers: [['EFAULT'], 'success'],
    if: protectsBefore,
    why: 'Here not even what is mapped already can be written to once the file is immutable.',
  },
  ...(
    [
      [['ext4', 'btrfs'], ['read', 'pread'], 'EINVAL', 'EISDIR'],
      [['ext4'], ['sendfile'], 'EOVERFLOW', 'EINVAL'],
    ] as const
  ).map(([bases, ops, plain, overlay]): OwnChange => ({
    ...{ bases, ops, fields: ['result errno'], answers: [[plain], overlay] },
    why: 'A directory that was listed may be at a position that is too far for any read.',
  })),
  {
    bases: ['ext4', 'xfs', 'btrfs'],
    ops: ['removexattr', 'lremovexattr', 'fremovexattr'],
    fields: ['merged mode'],
    if: ({ args }) => 'name' in args && args.name === 'system.posix_acl_access',
    why: 'Who is not in its group takes set-gid off a file with its ACL, here even without one.',
  },
  {
    bases: ['xfs', 'btrfs'],
    ops: ['clone'],
    fields: ['merged mode', CAPABILITY],
    why: 'Set-id bits go even where there is nothing to clone, as of a file onto itself.',
  },
  {
    bases: ['xfs'],
    ops: FLAG_OPS,
    fields: ['result errno', 'result', 'merged flags'],
    answers: [['success', 'EPERM'], 'ENOTTY'],
    why: 'Special files have flags here, and none on overlays.',
  },
  {
    bases: ['xfs'],
    ops: ['setFlags', 'toggleXflags'],
    fields: ['merged mode'],
    why: 'The owner loses set-id bits by it, and the mounter, who asks the layer, need not.',
  },
  {
    bases: ['xfs', 'btrfs'],
    ops: ['pwritev2'],
    fields: ['result errno', 'result', ...CHANGES_OF_DATA],
    answers: [['success', 'EAGAIN'], 'EOPNOTSUPP'],
    if: (step) => step.op === 'pwritev2' && step.args.flags.includes('RWF_NOWAIT'),
    why: 'Files of an overlay do not say that they can do without waiting.',
  },
  {
    bases: ['btrfs'],
    ops: ['listxattr', 'llistxattr'],
    fields: ['result', 'result errno'],
    if: ({ as }) => as !== undefined,
    why: 'It lists trusted.* to anybody, and nobody else does (OVL-OP-71).',
  },
  {
    bases: ['btrfs'],
    ops: ['writeMap'],
    fields: ['merged mtime'],
    if: (step, scenario) => isAfter(DROPS_CACHES, step, scenario),
    why: 'A remount writes all back here, so that the next write to memory is noticed again.',
  },
];
