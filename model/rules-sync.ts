import type { Rule } from './rule.ts';

const OBSERVED = 'observed on linux-5.10, 6.1, 6.12, 6.18 and 7.3, on ext4 over dm-flakey';
const THREAD = 'the proposal of 2021 to report writeback errors of upper';

/** What is told of data that did not get to the disk. */
export const SYNC_RULES = {
  'fault/data-is-lost': {
    says: 'Data that cannot be written stays in memory, counts as written, and is an error.',
    source: `${OBSERVED}: reads show it, and a second fsync(2) is 0`,
    isUndrawn: true,
  },
  'sync/opens-nameless-metadata': {
    says: 'fsync(2) of a lower metacopy opens the file with the attributes, whose name is lost.',
    source: 'observed on linux-5.10 and 6.1, lower layer on ext4: a warning, real dentry not found',
    where: { nameOfRealFile: 'looks for its inode' },
    with: ['metacopy=on'],
    on: ['ext4'],
  },
  'sync/upper-file-tells': {
    says: 'fsync(2) of an overlay file tells what that of its upper file would: each error once.',
    source: `${OBSERVED}: files opened before and after the error, on both`,
    isUndrawn: true,
  },
  'sync/late-upper-file': {
    says: 'What was opened before its copy-up has no upper file until a call needs it.',
    source: 'observed on linux-6.12 and 6.18: fsync(2) once another file was told, 0 or EIO',
    isUndrawn: true,
  },
  'sync/plain-file-system': {
    says: 'On the upper file system each open file is told of an error once by each call.',
    source: 'fsync(2), syncfs(2): EIO',
    isUndrawn: true,
  },
  'sync/write-tells': {
    says: 'write(2) to what was opened with O_SYNC tells as fsync(2) does, volatile mount or not.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'sync/mapping-tells': {
    says: 'msync(2) asks the upper file that is mapped, on a volatile mount as well.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'sync/tells-nobody': {
    says: 'sync(2) writes all that there is, and tells nobody of errors.',
    source: 'sync(2)',
    isUndrawn: true,
  },
  'copy-up/syncs-data': {
    says: 'Copy-up fails when its data does not get to the disk, and leaves no copy.',
    source: OBSERVED,
    isUndrawn: true,
  },
  'syncfs/hides-upper-errors': {
    says: 'syncfs(2) of an overlay file never tells of data that got lost in the upper layer.',
    source: `${OBSERVED}: 0, where a file of the upper layer gets EIO`,
    where: { syncfsErrors: 'of syncing alone' },
    isUndrawn: true,
  },
  'syncfs/passes-on': {
    says: 'syncfs(2) passes new errors of the upper super block on to that of the overlay.',
    source: THREAD,
    where: { syncfsErrors: 'passed on' },
    isUndrawn: true,
  },
  'syncfs/asks-upper': {
    says: 'Overlay files ask the super block of the upper layer, from their open(2) on.',
    source: THREAD,
    where: { syncfsErrors: 'of the upper file system' },
    isUndrawn: true,
  },
  'volatile/errors-stay': {
    says: 'After the first error on the upper file system every sync of a volatile mount fails.',
    source: `${OBSERVED}: EIO for all files, whoever caused it or was told of it`,
    where: { volatileErrors: 'stay' },
    isUndrawn: true,
  },
  'volatile/unseen-error-refused': {
    says: 'No volatile mount is made while there is an error that nobody was told of: EIO.',
    source: `${OBSERVED}: until syncfs(2) of a file of the upper layer`,
    where: { volatileErrors: 'stay' },
    isUndrawn: true,
  },
} as const satisfies Record<string, Rule>;
