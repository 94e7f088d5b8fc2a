import type { SemanticsProfile } from './semantics.ts';

/** Stands for the kernel that a proposal is held against: it changes nothing else of it. */
export const ANY_KERNEL = 'any kernel';

/** Semantics that somebody proposes, each told by how it differs from a kernel. */
export const PROPOSALS = [
  {
    id: 'proposal/copy-up-fixes-6.18',
    extends: 'linux-6.18.44',
    changes: {
      copyUpOverTakenName: 'EEXIST',
      nlinkOfSingleName: 'that of the index',
      unreadableCapability: 'is not copied',
    },
    because: ['three answers that linux-6.12.117 and linux-7.3.4 share and 6.18.44 lacks'],
  },
  {
    id: 'proposal/syncfs-passes-on',
    extends: 'linux-5.10',
    changes: { syncfsErrors: 'passed on' },
    because: [
      'linux-unionfs, January 2021, "Report writeback errors on upper": upper tells the overlay',
    ],
  },
  {
    id: 'proposal/syncfs-asks-upper',
    extends: 'linux-5.10',
    changes: { syncfsErrors: 'of the upper file system' },
    because: ['linux-unionfs, January 2021: files of an overlay look at the upper super block'],
  },
  {
    id: 'proposal/volatile-5.10.0',
    extends: 'linux-5.10',
    changes: { volatileErrors: 'are not looked at' },
    because: ['commit 335d3fc57941 of 5.12, which 5.10.y has: before it no sync told anything'],
  },
  {
    id: 'proposal/nfs-export-with-metacopy',
    extends: ANY_KERNEL,
    changes: { exportOfMetacopy: 'allowed' },
    because: [
      'linux-unionfs, 2021, "Why overlayfs cannot mounted as nfs_export and metacopy?"',
      'what both promise: a handle opens the file that it was taken of, with its data',
    ],
  },
  {
    id: 'proposal/nfs-export-with-metacopy-unchecked',
    extends: ANY_KERNEL,
    changes: { exportOfMetacopy: 'unchecked' },
    because: ['observed on linux-6.1 without its two checks: what handles lead to is incomplete'],
  },
  {
    id: 'proposal/nfs-export-with-metacopy-of-one-lower',
    extends: ANY_KERNEL,
    changes: { exportOfMetacopy: 'with one lower layer' },
    because: ['the same thread: with one lower layer, the origin is what has the data'],
  },
  {
    id: 'proposal/metacopy-upper',
    extends: ANY_KERNEL,
    adds: ['metacopy-upper'],
    because: [
      'the same thread: metacopy=upper follows no file of a lower layer, and so may be exported',
    ],
  },
  {
    id: 'proposal/metacopy-by-origin',
    extends: ANY_KERNEL,
    changes: { metacopyData: 'by origin', exportOfMetacopy: 'allowed' },
    because: ['the same thread: middle layers are followed by origin; by name where none is noted'],
  },
  {
    id: 'proposal/verified-lookup',
    extends: ANY_KERNEL,
    changes: { originCheck: 'wherever one is noted', exportOfMetacopy: 'allowed' },
    because: ['the same thread: what a name leads to must be the origin of what is above it'],
  },
  {
    id: 'proposal/static-whiteout',
    extends: ANY_KERNEL,
    changes: { whiteoutObject: 'one that nothing changes' },
    because: [
      'linux-unionfs, 2021, whiteouts and fast commits of ext4: one whiteout of a file system,',
      'on which chown(2) fails; here chmod(2) and setxattr(2) fail as well, and link(2) does not',
    ],
  },
] as const satisfies readonly SemanticsProfile[];
