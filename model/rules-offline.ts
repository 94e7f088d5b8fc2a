import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';

/** The rules of what happens around a mount: layers that change while it is not there. */
export const OFFLINE_RULES = {
  'offline/edit': {
    says: 'What a layer has when it is mounted counts, however it came there.',
    source: `${DOC}: Changes to underlying filesystems`,
  },
  'offline/beneath-a-mount': {
    says: 'A name of upper that is not what the mount knows is not changed: ESTALE, or ENOENT.',
    source: 'observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'offline/linked': {
    says: 'How many names a lower file has counts when it is looked up, not when it was copied up.',
    source: 'observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'offline/replaced': {
    says: 'A copy of a layer is another layer: what leads to objects of the old one ends there.',
    source: `${DOC}: Sharing and copying layers`,
  },
  'rotate/upper-becomes-lower': {
    says: 'An upper layer can be a lower one of another mount: its marks mean the same there.',
    source: `${DOC}: Multiple lower layers`,
  },
} as const satisfies Record<string, Rule>;
