const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.18';

/** What the index keeps of copied-up objects. */
export const INDEX_RULES = {
  'index/entry-made': {
    says: 'With index=on a lower hard link is copied up to the index, once for all its names.',
    source: `${DOC}: Index features`,
  },
  'index/name-linked': {
    says: 'A name of an indexed file comes to the upper layer as a hard link when it is changed.',
    source: OBSERVED,
  },
  'index/found-by-lookup': {
    says: 'A lower name whose file is in the index shows the copied-up file.',
    source: `${DOC}: Index features`,
  },
  'index/unusable-entry': {
    says: 'Lookup fails where the index entry is a whiteout or of another type.',
    source: OBSERVED,
  },
  'index/nlink-stored': {
    says: 'The link count of an indexed file is kept in an xattr, relative to a real link count.',
    source: OBSERVED,
  },
  'index/copy-up-before-removal': {
    says: 'A name of a lower hard link is copied up before it is removed or renamed over.',
    source: OBSERVED,
  },
  'index/removed-with-last-name': {
    says: 'The index entry goes with the last name of its file.',
    source: OBSERVED,
  },
  'index/kept-while-linked': {
    says: 'An index entry whose file still has upper names stays, and the link count is mended.',
    source: OBSERVED,
  },
  'index/orphan-removed-by-mount': {
    says: 'A mount removes index entries of files that have no name left.',
    source: OBSERVED,
  },
  'index/other-layers': {
    says: 'An index belongs to one upper and one top most lower layer: ESTALE with others.',
    source: `${DOC}: Index features`,
  },
} as const satisfies Record<string, { readonly says: string; readonly source: string }>;
