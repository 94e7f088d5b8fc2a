import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const VOLATILE = { with: ['volatile', 'fsync=volatile'] } as const;

/** What kinds of mounts do that are not the usual ones. */
export const MOUNT_RULES = {
  'volatile/marked': {
    says: 'A volatile mount leaves incompat/volatile/dirty in the work directory.',
    source: `${DOC}: Volatile mount`,
    ...VOLATILE,
  },
  'volatile/refused-again': {
    says: 'No mount takes layers that were mounted volatile, as long as the mark is there: EINVAL.',
    source: `${DOC}: Volatile mount`,
    ...VOLATILE,
  },
  'volatile/syncs-nothing': {
    says: 'On a volatile mount fsync and syncfs return at once and sync nothing.',
    source: `${DOC}: Volatile mount`,
    ...VOLATILE,
  },
  'uuid/handles-without': {
    says: 'With uuid=off handles on disk have no uuid, and such as have one are of nobody.',
    source: 'observed on linux-6.18: st_ino of copies made by mounts with and without it',
    with: ['any'],
  },
  'no-upper/read-only': {
    says: 'Without an upper layer all that would change something is EROFS.',
    source: `${DOC}: Multiple lower layers`,
    with: ['any'],
  },
} as const satisfies Record<string, Rule>;
