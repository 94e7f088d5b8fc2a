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
] as const satisfies readonly SemanticsProfile[];
