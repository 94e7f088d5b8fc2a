import type { Rule } from './rule.ts';

const DOC = 'kernel documentation, overlayfs';
const OBSERVED = 'observed on linux-6.12, 6.18 and 7.3';

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
} as const satisfies Record<string, Rule>;
