import type { Rule } from './rule.ts';
import { BASE_RULES } from './rules-bases.ts';
import { CALL_RULES } from './rules-calls.ts';
import { COPY_UP_RULES } from './rules-copy-up.ts';
import { INDEX_RULES } from './rules-index.ts';
import { MOUNT_RULES } from './rules-mounts.ts';
import { NFS_RULES } from './rules-nfs.ts';
import { OFFLINE_RULES } from './rules-offline.ts';
import { OPTION_RULES } from './rules-options.ts';
import { DATA_LAYER_RULES } from './rules-data-layers.ts';
import { REDIRECT_RULES } from './rules-redirect.ts';
import { ROOM_RULES } from './rules-room.ts';
import { SYNC_RULES } from './rules-sync.ts';
import { USER_NAMESPACE_RULES } from './rules-userns.ts';
import { XATTR_RULES } from './rules-xattrs.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

/** Every rule of overlayfs that the model knows. Code cites a rule by its id. */
export const RULES = {
  'identity/broken-hardlink-unhashed': {
    says: 'Without index, each name of a lower hard link is an overlay inode of its own.',
    source: `${DOC}: Non-standard behavior`,
  },
  'identity/constant-ino': {
    says: 'A copied-up object keeps the inode number of the lower one.',
    source: `${DOC}: Inode properties`,
  },
  'identity/merged-dir-nlink': {
    says: 'A merged directory has the link count 1.',
    source: OBSERVED,
  },
  'whiteout/upper-hides': {
    says: 'A whiteout in the upper layer hides the name in every lower layer.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'whiteout/lower-hides': {
    says: 'A whiteout in a lower layer hides the name in the layers below it.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'whiteout/shared': {
    says: 'The whiteouts that one mount makes for removed names are hard links of one inode.',
    source: OBSERVED,
  },
  'opaque/hides-lower': {
    says: 'An opaque upper directory is not merged with what is below.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'opaque/lower-stops-merge': {
    says: 'An opaque lower directory is the last one that contributes to a merged directory.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'merge/directories': {
    says: 'Directories of the same name in several layers are merged.',
    source: `${DOC}: Directories`,
  },
  'merge/stops-at-file': {
    says: 'A non-directory below a directory ends the merge and is hidden.',
    source: `${DOC}: Directories`,
  },
  'origin/decoded': {
    says: 'Lookup of an upper file finds its lower inode through the origin xattr.',
    source: `${DOC}: Inode properties`,
  },
  'origin/fixed-by-lookup': {
    says: 'Lookup of a merged directory without an origin writes one to the upper directory.',
    source: OBSERVED,
  },
  'impure/marked': {
    says: 'An upper directory that may hold copied-up entries is marked impure.',
    source: OBSERVED,
  },
  'impure/cleared-by-readdir': {
    says: 'Reading an impure directory in which no inode number needs translation unmarks it.',
    source: OBSERVED,
  },
  'readdir/real': {
    says: 'A directory that cannot hold whiteouts is listed as its one real directory is.',
    source: OBSERVED,
  },
  'readdir/merged': {
    says: 'A listing of a merged directory is a snapshot, kept while the directory stands still.',
    source: `${DOC}: readdir`,
  },
  'readdir/translated-ino': {
    says: 'In an impure directory d_ino is the inode number that stat shows.',
    source: `${DOC}: Inode properties`,
  },
  'rmdir/clears-whiteouts': {
    says: 'An upper directory full of whiteouts is replaced by an opaque one, then removed.',
    source: OBSERVED,
  },
  'create/over-whiteout': {
    says: 'An object created at a whiteout replaces it; a directory is opaque then.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'link/upper': {
    says: 'A hard link copies the file up first; the link is made in the upper layer.',
    source: `${DOC}: Non-directories`,
  },
  'rmdir/merged-must-be-empty': {
    says: 'A merged directory counts as empty when every name in it is hidden.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'rmdir/refused-in-upper': {
    says: 'A full directory of upper alone is refused below; listings count that as a change.',
    source: OBSERVED,
  },
  'whiteout/remove-lower': {
    says: 'Removing a name that a lower layer also has leaves a whiteout in the upper layer.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'opaque/new-directory': {
    says: 'Where layers must not change offline, a new directory in a merged one is opaque.',
    source: OBSERVED,
    where: { newDirInMerged: 'is opaque unless layers may change' },
  },
  'opaque/every-new-directory': {
    says: 'Every new directory in a merged one is opaque.',
    source: 'observed on linux-5.10',
    where: { newDirInMerged: 'is opaque' },
  },
  'mount/options-refused': {
    says: 'A mount with an unknown value, or with options that exclude each other, fails.',
    source: DOC,
  },
  'cache/dropped': {
    says: 'Unused overlay inodes are evicted and made again from the layers.',
    source: OBSERVED,
  },
  'work/emptied-by-mount': {
    says: 'A mount removes what an earlier one left in the work directory.',
    source: OBSERVED,
  },
  'uuid/used-upper-has-none': {
    says: 'uuid=auto gives no uuid to an upper layer that was used without one.',
    source: `${DOC}: UUID and fsid`,
    needs: 'uuid-auto',
  },
  'uuid/fresh-upper': {
    says: 'uuid=auto stores a new uuid in an upper layer that was never used.',
    source: `${DOC}: UUID and fsid`,
    needs: 'uuid-auto',
  },
  'rename/lower-directory': {
    says: 'Without redirect_dir a directory that a lower layer has cannot be renamed: EXDEV.',
    source: `${DOC}: renaming directories`,
  },
  'rename/flags': {
    says: 'rename knows RENAME_NOREPLACE and RENAME_EXCHANGE only.',
    source: OBSERVED,
  },
  'rename/whiteout-left': {
    says: 'Renaming away a name that a lower layer also has leaves a whiteout.',
    source: `${DOC}: whiteouts and opaque directories`,
  },
  'rename/whiteout-moves': {
    says: 'Renaming such a name onto a whiteout swaps the two.',
    source: OBSERVED,
  },
  'rename/opaque-in-merged': {
    says: 'A directory that moves into a merged one becomes opaque.',
    source: OBSERVED,
  },
  'rename/exchange': {
    says: 'RENAME_EXCHANGE copies both up and swaps them.',
    source: OBSERVED,
  },
  'rename/same-inode': {
    says: 'Renaming one hard link onto another of the same overlay inode does nothing.',
    source: OBSERVED,
  },
  'open/copy-up-for-write': {
    says: 'Opening a lower file for writing copies it up, before anything is written.',
    source: `${DOC}: Non-directories`,
  },
  'open/truncate-copies-no-data': {
    says: 'Opening with O_TRUNC copies up no data, even when opened for reading.',
    source: OBSERVED,
  },
  'open/tmpfile': {
    says: 'O_TMPFILE makes an unnamed file in the upper layer.',
    source: OBSERVED,
    needs: 'overlay-tmpfile',
  },
  'mount/again': {
    says: 'A new mount over the same layers shows the same tree.',
    source: DOC,
  },
  'create/no-whiteout': {
    says: 'mknod of a whiteout through the overlay is refused.',
    source: OBSERVED,
  },
  'readdir/live': {
    says: 'A listing of one real directory may or may not show what changes while it runs.',
    source: OBSERVED,
  },
  'readdir/names-of-open-time': {
    says: 'A listing of one real directory of a btrfs has no names that came after it was opened.',
    source: 'observed on linux-6.1, 6.12 and 6.18: the same on btrfs alone',
    on: ['btrfs'],
    where: { btrfsListing: 'what is there since it was opened' },
  },
  'readdir/repeats-after-removal': {
    says: 'A listing of one real directory may repeat names when the one that is next was removed.',
    source: 'observed on linux-6.12, 6.18 and 7.3: the same on tmpfs alone',
    where: { tmpfsListing: 'repeats after a removal' },
  },
  'readdir/snapshot-outlives-change': {
    says: 'A listing that has begun goes on with the names it began with.',
    source: OBSERVED,
  },
  'readdir/translated-parent': {
    says: 'The inode number of `..` is translated as that of an entry is.',
    source: OBSERVED,
  },
  'statfs/own-type': {
    says: 'statfs shows the overlay type, and else what the upper file system says.',
    source: OBSERVED,
  },
  'statfs/no-fsid': {
    says: 'Without an upper layer uuid=auto shows no file system id, not even that of a layer.',
    source: 'observed on linux-6.18',
    needs: 'uuid-auto',
    with: ['any', 'uuid=auto'],
  },
  'statfs/own-fsid': {
    says: 'With a uuid of its own an overlay has a file system id of its own.',
    source: `${DOC}: UUID and fsid`,
    needs: 'uuid-auto',
  },
  'fd/follows-copy-up': {
    says: 'Reads through a descriptor opened before copy-up see the upper file.',
    source: OBSERVED,
  },
  'fd/write-drops-privileges': {
    says: 'Writing drops file capabilities, and set-id bits unless root writes.',
    source: OBSERVED,
  },
  'rename/failure-leaves-marks': {
    says: 'A rename onto a pure upper directory that is not empty fails after marks were set.',
    source: OBSERVED,
  },
  'readdir/translation-outlives-link': {
    says: 'A link made in an impure upper directory shows its own d_ino while a listing is cached.',
    source: OBSERVED,
  },
  ...COPY_UP_RULES,
  ...BASE_RULES,
  ...INDEX_RULES,
  ...MOUNT_RULES,
  ...NFS_RULES,
  ...OFFLINE_RULES,
  ...OPTION_RULES,
  ...REDIRECT_RULES,
  ...DATA_LAYER_RULES,
  ...CALL_RULES,
  ...ROOM_RULES,
  ...SYNC_RULES,
  ...XATTR_RULES,
  ...USER_NAMESPACE_RULES,
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof RULES;
