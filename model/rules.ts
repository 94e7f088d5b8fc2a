const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.1, 6.12, 6.18 and 7.3';

/** Every rule of overlayfs that the model knows. Code cites a rule by its id. */
export const RULES = {
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
  'copy-up/origin': {
    says: 'A copied-up object remembers the file handle of the lower one in its origin xattr.',
    source: `${DOC}: Inode properties`,
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
  'identity/stale-cache': {
    says: 'A cached inode that disagrees with what lookup found makes the lookup fail with ESTALE.',
    source: OBSERVED,
  },
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
    says: 'An upper directory that holds whiteouts only is replaced by an opaque one, then removed.',
    source: OBSERVED,
  },
} as const satisfies Record<string, { readonly says: string; readonly source: string }>;

export type RuleId = keyof typeof RULES;
