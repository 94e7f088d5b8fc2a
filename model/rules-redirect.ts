import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

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
    with: ['redirect_dir=on'],
  },
  'redirect/absolute': {
    says: 'A redirect with a slash is a path from the root of the layers below.',
    source: `${DOC}: renaming directories`,
    with: ['redirect_dir=on'],
  },
  'redirect/malformed': {
    says: 'Lookup of a directory whose redirect makes no sense fails: EINVAL.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'redirect/not-followed': {
    says: 'With redirect_dir=nofollow the lookup of a redirected directory fails: EPERM.',
    source: `${DOC}: renaming directories`,
    isUndrawn: true,
  },
  'metacopy/not-followed': {
    says: 'Without metacopy the lookup of a file that has its data below fails: EPERM.',
    source: `${DOC}: Metadata only copy up`,
    isUndrawn: true,
  },
  'metacopy/no-data': {
    says: 'Lookup of a file fails when the layers below do not have its data: EIO.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'identity/contradiction': {
    says: 'Two names that claim one lower directory cannot be cached at once: ESTALE.',
    source: OBSERVED,
    with: ['redirect_dir=on'],
  },
} as const satisfies Record<string, Rule>;
