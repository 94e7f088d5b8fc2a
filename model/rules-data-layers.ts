import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.12, 6.18 and 7.3';

const VERITY = ['verity=on', 'verity=require'];

/** Layers that nobody sees, and that files above take their data from. */
export const DATA_LAYER_RULES = {
  'data-only/named-by-path': {
    says: 'A file whose data no merged layer has takes it by the path of its absolute redirect.',
    source: `${DOC}: Data-only lower layers`,
    needs: 'data-only-layers',
    with: ['metacopy=on'],
  },
  'data-only/looked-up-late': {
    says: 'Data-only layers are asked for data when a file is opened, and before any copy-up.',
    source: `${DOC}: Data-only lower layers`,
    needs: 'data-only-layers',
    with: ['metacopy=on'],
  },
  'data-only/missing': {
    says: 'Where no data-only layer has a file at the path, open fails and lookup does not.',
    source: OBSERVED,
    needs: 'data-only-layers',
    with: ['metacopy=on'],
  },
  'verity/digest-compared': {
    says: 'With verity a file that names a digest must have data of which fs-verity says the same.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    with: VERITY,
  },
  'verity/digest-required': {
    says: 'With verity=require a file without data must name the digest of it: EIO.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    with: ['verity=require'],
  },
  'verity/malformed': {
    says: 'A metacopy xattr of another version, or of another length than it says, is EIO.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    with: VERITY,
  },
  'verity/copied-with-data': {
    says: 'With verity=require a copy goes without data only if that has fs-verity.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    with: ['verity=require'],
  },
  'verity/digest-copied-up': {
    says: 'With verity a copy without data notes the digest of it.',
    source: `${DOC}: fs-verity support`,
    needs: 'verity',
    // Only a few file systems and kernels have it.
    isUndrawn: true,
  },
} as const satisfies Record<string, Rule>;
