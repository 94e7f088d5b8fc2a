import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.18';
const WITH_INDEX = ['index=on', 'nfs_export=on'];
const WITH_EXPORT = ['nfs_export=on'];

/** Kernels so far refuse what these rules are about. */
const PAIR = 'the proposal of 2021 to have nfs_export with metacopy';

const OF_PAIR = {
  source: PAIR,
  where: { exportOfMetacopy: 'allowed' },
  isOfState: true,
} as const;

/** What the index keeps of copied-up objects. */
export const INDEX_RULES = {
  'index/entry-made': {
    says: 'With index=on a lower hard link is copied up to the index, once for all its names.',
    source: `${DOC}: Index features`,
    with: WITH_INDEX,
  },
  'index/name-linked': {
    says: 'A name of an indexed file comes to the upper layer as a hard link when it is changed.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/found-by-lookup': {
    says: 'A lower name whose file is in the index shows the copied-up file.',
    source: `${DOC}: Index features`,
    with: WITH_INDEX,
  },
  'index/of-several-without-uuid': {
    says: 'With uuid=off the index tells objects of several file systems apart all the same.',
    source: 'observed up to linux-6.18, where uuid=off is for one file system; see disagreements',
    where: { uuidOffOfSeveral: 'stays' },
    with: WITH_INDEX,
    needsSeveral: true,
    on: ['btrfs'],
  },
  'origin/of-several-without-uuid': {
    says: 'With uuid=off origins tell objects of several file systems apart all the same.',
    source: 'observed up to linux-6.18, where uuid=off is for one file system; see disagreements',
    where: { uuidOffOfSeveral: 'stays' },
    needsSeveral: true,
    on: ['btrfs'],
  },
  'index/unusable-entry': {
    says: 'Lookup fails where the index entry is a whiteout or of another type.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/nlink-stored': {
    says: 'The link count of an indexed file is kept in an xattr, relative to a real link count.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/copy-up-before-removal': {
    says: 'A name of a lower hard link is copied up before it is removed or renamed over.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/removed-with-last-name': {
    says: 'The index entry goes with the last name of its file.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/kept-while-linked': {
    says: 'An index entry whose file still has upper names stays, and the link count is mended.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/orphan-removed-by-mount': {
    says: 'A mount removes index entries of files that have no name left.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/unmarked-object': {
    says: 'A mount fails with ENODATA when an index entry is of an object without an origin.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/foreign-name': {
    says: 'Something in the index whose name is no handle makes the mount fail with EINVAL.',
    source: OBSERVED,
    with: WITH_INDEX,
  },
  'index/metacopy-verified': {
    says: 'A file without data, and with another file below than its origin, is ESTALE.',
    source: OBSERVED,
    with: ['metacopy=on'],
  },
  'index/other-layers': {
    says: 'An index belongs to one upper and one top most lower layer: ESTALE with others.',
    source: `${DOC}: Index features`,
    with: WITH_INDEX,
  },
  'index/directory-verified': {
    says: 'With nfs_export a merged directory must be the one that its index entry names: EIO.',
    source: OBSERVED,
    with: WITH_EXPORT,
  },
  'index/whiteout': {
    says: 'With nfs_export a whiteout takes the place of an index entry that goes.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'index/entry-of-directory': {
    says: 'With nfs_export a directory that is copied up gets an index entry that names it.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'index/entry-outlives-copy': {
    says: 'A directory whose copy finds no place leaves an entry, which a mount makes a whiteout.',
    source: 'observed on linux-5.10, 6.1, 6.12, 6.18, 7.2 and 7.3',
    with: WITH_EXPORT,
  },
  'index/copy-up-without-name': {
    says: 'A file opened by its handle is copied up to the index alone.',
    source: OBSERVED,
    with: WITH_EXPORT,
  },
  'merge/only-with-origin': {
    says: 'With nfs_export a directory is merged with no other lower one than its origin.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/needs-nfs-export': {
    says: 'Without nfs_export there are handles to compare by (AT_HANDLE_FID), none to open.',
    source: `${DOC}: NFS export`,
  },
  'handle/of-lower': {
    says: 'The handle of an object that has a lower one names that, before and after copy-up.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/of-upper': {
    says: 'The handle of a pure upper object, and of the root, names the upper one.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/copies-up-to-connect': {
    says: 'Encoding a directory copies up where its layer alone does not lead back to its path.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/stale': {
    says: 'The handle of an object that is gone cannot be opened: ESTALE.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/root-of-lowers': {
    says: 'Without an upper layer the root is not found by its handle.',
    source: OBSERVED,
    with: ['any'],
  },
  'handle/of-cached': {
    says: 'A handle opens what is cached, whatever its names are now.',
    source: OBSERVED,
    with: WITH_EXPORT,
  },
  'handle/connected': {
    says: 'The handle of a directory opens it at the path that it has now.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/disconnected': {
    says: 'The handle of a file that is not cached opens it without a path.',
    source: `${DOC}: NFS export`,
    with: WITH_EXPORT,
  },
  'handle/of-metacopy': {
    says: 'The handle of a file that has attributes only opens it with the data of its origin.',
    ...OF_PAIR,
  },
  'handle/of-lower-metacopy': {
    says: 'Of a file that a lower layer has the attributes of, a handle opens it with its data.',
    ...OF_PAIR,
  },
  'handle/of-metacopy-over-metacopy': {
    says: 'Where the origin has attributes only as well, its own origin has the data, and so on.',
    ...OF_PAIR,
  },
  'handle/of-nameless-metacopy': {
    says: 'What was copied to the index alone, without data, is opened with that of its origin.',
    ...OF_PAIR,
  },
  'handle/of-metacopy-of-moved': {
    says: 'A handle opens a file with the data of its origin where names below lead elsewhere.',
    ...OF_PAIR,
  },
  'handle/linked-with-data': {
    says: 'A file that was opened by its handle alone gets its data before it gets a name.',
    ...OF_PAIR,
  },
  'handle/room-told': {
    says: 'A handle that has no room is EOVERFLOW, and tells how many bytes it would take.',
    source: 'name_to_handle_at(2), ERRORS',
    with: WITH_EXPORT,
  },
  'handle/malformed': {
    says: 'A handle that is too short, or has wrong bits, cannot be opened: ESTALE.',
    source: OBSERVED,
    with: WITH_EXPORT,
  },
  'handle/shorter-than-head': {
    says: 'A handle that says that it is shorter than its own head is none: ESTALE.',
    source: 'observed on linux-6.18: tmpfs, ext4 and xfs',
    with: WITH_EXPORT,
  },
  'handle/upper-bits-of-number': {
    says: 'A handle of xfs with other upper bits in its inode number cannot be opened: ESTALE.',
    source: 'observed on linux-6.12',
    with: WITH_EXPORT,
    on: ['xfs'],
    isUndrawn: true,
  },
} as const satisfies Record<string, Rule>;
