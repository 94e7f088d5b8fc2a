import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';

/** The rules of what happens around a mount: layers that change while it is not there. */
export const OFFLINE_RULES = {
  'offline/edit': {
    says: 'What a layer has when it is mounted counts, however it came there.',
    source: `${DOC}: Changes to underlying filesystems`,
  },
} as const satisfies Record<string, Rule>;
