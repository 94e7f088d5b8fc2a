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
  'crash/mounts-again': {
    says: 'Whatever of its changes reached the disk, an overlay can be mounted after a crash.',
    source: 'observed on linux-6.18 and others by the property durability: all mounts succeed',
    isUndrawn: true,
  },
  'uuid/handles-without': {
    says: 'With uuid=off handles have no uuid, and such as have one are of nobody.',
    source: 'observed on linux-6.18: st_ino of copies made by mounts with and without it',
    with: ['any'],
  },
  'layers/mapped-ids': {
    says: 'What a lower layer has belongs to whom its mount says: to look at, to use, to copy up.',
    source: 'mount_setattr(2); observed on linux-6.1, 6.12, 6.18, 7.2 and 7.3',
    needs: 'mapped-mounts',
    with: ['any'],
  },
  'copy-up/mapped-list': {
    says: 'A copy has an access control list as the mount shows it, however it is on the disk.',
    source: 'mount_setattr(2); every file system but xfs, on linux-6.18',
    needs: 'mapped-mounts',
    isUndrawn: true,
  },
  'layers/in-use-without-index': {
    says: 'Without index, layers that another overlay has are taken, with a warning in the log.',
    source: `${DOC}: Sharing and copying layers`,
  },
  'beside/shares-lowers': {
    says: 'Overlays that share lower layers show nothing of what the other one changes.',
    source: `${DOC}: Sharing and copying layers`,
  },
  'mount/read-only': {
    says: 'A mount with ro makes its work directory, and changes nothing until it is remounted.',
    source: 'mount(8): ro; observed on linux-6.12 and 6.18',
    needs: 'fs-context',
    with: ['ro'],
  },
  'remount/read-only': {
    says: 'An overlay that was remounted read-only changes nothing until it is writable again.',
    source: 'mount(2): MS_REMOUNT, EROFS',
  },
  'remount/writable': {
    says: 'A remount makes an overlay writable again if it has an upper layer.',
    source: 'mount(2): MS_REMOUNT',
  },
  'remount/busy': {
    says: 'What is open to be written to, or was removed and is open, keeps it writable: EBUSY.',
    source: 'mount(2): EBUSY',
  },
  'remount/options-ignored': {
    says: 'A remount by mount(2) takes any options of overlayfs, and ignores them.',
    source: 'observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
  },
  'no-upper/read-only': {
    says: 'Without an upper layer all that would change something is EROFS.',
    source: `${DOC}: Multiple lower layers`,
    with: ['any'],
  },
} as const satisfies Record<string, Rule>;
