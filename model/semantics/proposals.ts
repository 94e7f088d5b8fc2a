import type { SemanticsProfile } from './semantics.ts';

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
] as const satisfies readonly SemanticsProfile[];
