import type { Rule } from './rule.ts';

const OBSERVED = 'observed on linux-5.10, 6.1, 6.12, 6.18 and 7.3, by NFS 3, 4.0 and 4.2';

/** What the kernel's own NFS server makes of an overlay. */
export const NFS_RULES = {
  'nfs/needs-nfs-export': {
    says: 'Without nfs_export an overlay cannot be exported: EINVAL.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'nfs/by-handle': {
    says: 'What a client has open is found by its handle, whatever became of its name.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'nfs/server-keeps-open': {
    says: 'For NFS 4 the server opens a file when the client does, and keeps it open.',
    source: OBSERVED,
    isUndrawn: true,
  },
} as const satisfies Readonly<Record<string, Rule>>;
