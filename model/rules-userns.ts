import type { Rule } from './rule.ts';

const CAPABILITIES = 'capabilities(7), user_namespaces(7)';
const OBSERVED = 'observed on linux-6.1, 6.12 and 6.18';

/** What a mount may not do whose mounter is root of a user namespace only. */
export const USER_NAMESPACE_RULES = {
  'userns/not-mountable': {
    says: 'Only root of the machine mounts overlays: root of a user namespace gets EPERM.',
    source: 'observed on linux-5.10',
    lacks: 'mounts-of-user-namespaces',
    with: ['any'],
  },
  'userns/trusted-refused': {
    says: 'What follows redirects or finds data by trusted.* needs root of the machine: EPERM.',
    source: 'observed on linux-6.12 and 6.18',
    needs: 'fs-context',
    with: ['any'],
  },
  'userns/trusted-not-there': {
    says: 'What is trusted.* on layers is not seen, not copied up and cannot be set.',
    source: `${CAPABILITIES}; ${OBSERVED}`,
    needs: 'mounts-of-user-namespaces',
    with: ['any'],
  },
  'userns/listed-not-read': {
    says: 'btrfs lists trusted.* to all: copy-up fails of what has any, as it cannot be read.',
    source: 'observed on linux-6.18',
    needs: 'mounts-of-user-namespaces',
    isUndrawn: true,
  },
  'userns/no-security-xattrs': {
    says: 'A security.* xattr cannot be set, so that an object with one cannot be copied up.',
    source: `${CAPABILITIES}; ${OBSERVED}`,
    needs: 'mounts-of-user-namespaces',
    with: ['any'],
  },
  'userns/capability-of-root': {
    says: 'File capabilities that are set through the overlay are those of its mounter.',
    source: `${CAPABILITIES}; ${OBSERVED}`,
    needs: 'mounts-of-user-namespaces',
    isUndrawn: true,
  },
  'userns/no-devices': {
    says: 'No device node is made or copied up: EPERM.',
    source: `${CAPABILITIES}; ${OBSERVED}`,
    needs: 'mounts-of-user-namespaces',
    with: ['any'],
  },
  'userns/plain-handles': {
    says: 'The overlay has no file handles of its own; what identifies an object is its number.',
    source: 'open_by_handle_at(2): AT_HANDLE_FID; observed on linux-6.18',
    needs: 'handle-fid',
    isUndrawn: true,
  },
  'userns/writes-drop-set-id': {
    says: 'Whoever writes, set-id bits go: the file below is written to by the mounter.',
    source: `${CAPABILITIES}: CAP_FSETID; observed on linux-6.18`,
    needs: 'mounts-of-user-namespaces',
    with: ['any'],
  },
} as const satisfies Record<string, Rule>;
