import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

/** What copy-up does, and when it does not. */
export const COPY_UP_RULES = {
  'copy-up/parents-first': {
    says: 'Copy-up makes the containing directories exist in the upper layer first.',
    source: `${DOC}: Non-directories`,
  },
  'copy-up/file': {
    says: 'The first change of a lower object copies it to the upper layer, times included.',
    source: `${DOC}: Non-directories`,
  },
  'copy-up/directory': {
    says: 'A directory is copied up without its entries; both directories are merged from then on.',
    source: `${DOC}: Directories`,
  },
  'copy-up/xattrs': {
    says: 'Copy-up brings every xattr along but those of overlayfs itself.',
    source: `${DOC}: Non-directories`,
  },
  'copy-up/fills-holes': {
    says: 'What the kernel itself reads of a tmpfs, to copy or to splice, is data from then on.',
    source: 'observed on linux-5.10',
    where: { tmpfsSplicedHoles: 'filled' },
  },
  'copy-up/origin': {
    says: 'A copied-up object remembers the file handle of the lower one in its origin xattr.',
    source: `${DOC}: Inode properties`,
  },
  'copy-up/unreadable-xattr': {
    says: 'Copy-up fails, and leaves nothing, when an xattr of the lower object cannot be read.',
    source: OBSERVED,
    where: { unreadableCapability: 'fails copy-up' },
  },
  'copy-up/hardlink-broken': {
    says: 'Without index, copy-up of a lower hard link makes a file of its own, with no origin.',
    source: `${DOC}: Non-standard behavior`,
  },
  'copy-up/name-taken': {
    says: 'An open lower file whose name is a whiteout or another file now cannot be copied up.',
    source: OBSERVED,
  },
  'copy-up/removed-parent': {
    says: 'An open lower file in a removed directory cannot be copied up.',
    source: OBSERVED,
  },
  'copy-up/attribute-change': {
    says: 'Changing mode, owner or times copies up, even when nothing changes.',
    source: OBSERVED,
  },
  'copy-up/truncate': {
    says: 'truncate(2) copies up with data, even to the same size.',
    source: OBSERVED,
  },
  'copy-up/xattr-even-if-it-fails': {
    says: 'Setting an xattr copies up first, even when it then fails.',
    source: OBSERVED,
  },
  'copy-up/replaces-directory': {
    says: 'Copy-up of an open directory without a name renames it over an empty one of that name.',
    source: OBSERVED,
    where: { copyUpOverTakenName: 'as rename(2)' },
  },
  'copy-up/replaces-name': {
    says: 'Copy-up of an open special file without a name renames it over what has the name now.',
    source: OBSERVED,
    where: { copyUpOverTakenName: 'as rename(2)' },
  },
} as const satisfies Record<string, Rule>;
