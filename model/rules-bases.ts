import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';

/** The rules of layers on several file systems. */
export const BASE_RULES = {
  'identity/directory-of-several': {
    says: 'With layers on several file systems and no xino, directories get numbers of their own.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'identity/device-of-layer': {
    says: 'With layers on several file systems and no xino, files show a device for each of them.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'mount/several-file-systems': {
    says: 'Without xino, inode numbers of several file systems are not brought together.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'mount/xino-bits': {
    says: 'xino puts the id of the file system of a layer in the high bits of its inode numbers.',
    source: `${DOC}: Inode properties`,
    needsSeveral: true,
  },
  'readdir/numbers-of-layers': {
    says: 'With layers on several file systems and no xino, d_ino is the number on the layer.',
    source: 'observed on linux-6.1 and 6.18',
    needsSeveral: true,
  },
} as const satisfies Record<string, Rule>;
