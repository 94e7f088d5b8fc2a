import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
/** Kernels so far have nothing of what is proposed there. */
const PAIR = 'the proposals of 2021 to have nfs_export with metacopy';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

/** With these options scenarios have redirects in their layers, and marks of files without data. */
const FOLLOWED = ['redirect_dir=on', 'redirect_dir=follow'] as const;
const MARKED = [...FOLLOWED, 'redirect_dir=nofollow', 'metacopy=on'] as const;

/** Where the lower part of an object is when its name does not say it. */
export const REDIRECT_RULES = {
  'redirect/made-relative': {
    says: 'A directory renamed beside its old name remembers that name in its redirect xattr.',
    source: `${DOC}: renaming directories`,
    with: ['redirect_dir=on'],
  },
  'redirect/made-absolute': {
    says: 'One moved to another directory remembers the path, ancestors by their own redirects.',
    source: `${DOC}: renaming directories`,
    with: ['redirect_dir=on'],
  },
  'redirect/kept': {
    says: 'A redirect stays through further renames unless a name has to become a path.',
    source: OBSERVED,
    with: ['redirect_dir=on'],
  },
  'redirect/too-long': {
    says: 'A rename that would need a redirect of more than 256 bytes fails: EXDEV.',
    source: OBSERVED,
    with: ['redirect_dir=on'],
  },
  'redirect/relative': {
    says: 'A redirect without a slash names the directory beside it in the layers below.',
    source: `${DOC}: renaming directories`,
    with: FOLLOWED,
  },
  'redirect/absolute': {
    says: 'A redirect with a slash is a path from the root of the layers below.',
    source: `${DOC}: renaming directories`,
    with: FOLLOWED,
  },
  'redirect/malformed': {
    says: 'Lookup of a directory whose redirect makes no sense fails: EINVAL.',
    source: OBSERVED,
    with: FOLLOWED,
  },
  'redirect/not-followed': {
    says: 'With redirect_dir=nofollow the lookup of a redirected directory fails: EPERM.',
    source: `${DOC}: renaming directories`,
    with: ['redirect_dir=nofollow'],
  },
  'metacopy/copy-up': {
    says: 'With metacopy a change of attributes copies a file up without its data.',
    source: `${DOC}: Metadata only copy up`,
    with: ['metacopy=on'],
  },
  'metacopy/upper-only': {
    says: 'With metacopy=upper the lookup of a lower file that has attributes only fails: EPERM.',
    source: PAIR,
    needs: 'metacopy-upper',
  },
  'metacopy/by-origin': {
    says: 'The data of a file with attributes only is that of its origin, whatever its name.',
    source: PAIR,
    where: { metacopyData: 'by origin' },
  },
  'origin/contradicts-name': {
    says: 'What a name leads to is not merged, or not read, if it is not the origin that is noted.',
    source: PAIR,
    where: { originCheck: 'wherever one is noted' },
  },
  'metacopy/data-copy-up': {
    says: 'The data of such a file follows when it is opened for writing, or truncated.',
    source: `${DOC}: Metadata only copy up`,
    with: ['metacopy=on'],
  },
  'metacopy/data-not-synced': {
    says: 'With fsync=strict the data of such a file follows without a sync: a crash may lose it.',
    source: 'observed on linux-6.12, 6.18.44, 7.2 and 7.3: ext4 shut down after open(2)',
    needs: 'fsync-option',
    with: ['metacopy=on'],
  },
  'metacopy/data-behind-size': {
    says: 'Copy-up fails when the data begins behind the size of the file that has none: EIO.',
    source: OBSERVED,
    with: ['metacopy=on'],
    where: { dataBehindSize: 'EIO' },
  },
  'metacopy/not-followed': {
    says: 'Without metacopy the lookup of a file that has its data below fails: EPERM.',
    source: `${DOC}: Metadata only copy up`,
    with: MARKED,
  },
  'metacopy/malformed': {
    says: 'Lookup of a file whose metacopy xattr is too short for what it holds fails: EIO.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    with: MARKED,
  },
  'metacopy/no-data': {
    says: 'Lookup of a file fails when the layers below do not have its data: EIO.',
    source: OBSERVED,
    with: ['metacopy=on'],
  },
  'readdir/leaves-out-unreadable': {
    says: 'In an impure directory a listing leaves out a name that cannot be looked up.',
    source: OBSERVED,
    with: MARKED,
    where: { staleNames: 'left out' },
  },
  'readdir/shows-stale-name': {
    says: 'A name that an impure directory lists is shown although it is gone or unreadable.',
    source: 'observed on linux-5.10',
    where: { staleNames: 'shown' },
  },
  'readdir/impure-unreadable': {
    says: 'An impure directory of upper alone cannot be listed if a name cannot be looked up.',
    source: OBSERVED,
    with: MARKED,
  },
  'redirect/second-path': {
    says: 'A directory that redirects give two paths is cached under the one that was used last.',
    source: OBSERVED,
    with: FOLLOWED,
  },
  'identity/contradiction': {
    says: 'Two names that claim one lower directory cannot be cached at once: ESTALE.',
    source: OBSERVED,
    with: FOLLOWED,
  },
  'identity/data-of-several-names': {
    says: 'Names of one inode may lead to data of their own, as links to one metacopy do.',
    source: 'observed on linux-5.10 and 6.1: st_blocks by name, a warning of 5.10 on ext4',
    where: { nameOfRealFile: 'looks for its inode' },
    with: ['metacopy=on'],
    isUndrawn: true,
  },
  'identity/two-inodes-of-one-file': {
    says: 'Where copies do not lead to their lower file, a change by one name is news to others.',
    source: 'observed on linux-6.1, 6.12, 6.18 and 7.3',
    with: ['any'],
    needsSeveral: true,
  },
} as const satisfies Record<string, Rule>;
