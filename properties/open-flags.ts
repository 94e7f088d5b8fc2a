import fc from 'fast-check';
import type { OpenFlag, StatusFlag } from '../model/flags.ts';
import { weighted } from './weighted.ts';

const ACCESS = ['O_RDONLY', 'O_WRONLY', 'O_RDWR'] as const;

/** Flags of open(2) that go together, and some that do not. */
export const openFlags = fc.oneof(
  flagSets(9, 'O_RDONLY', 'O_DIRECTORY', 'O_NOATIME', 'O_NOFOLLOW'),
  flagSets(6, 'O_RDWR', 'O_TRUNC', 'O_NOFOLLOW', 'O_SYNC'),
  flagSets(4, 'O_WRONLY', 'O_APPEND', 'O_TRUNC', 'O_CREAT'),
  flagSets(6, 'O_RDWR', 'O_CREAT', 'O_EXCL', 'O_TRUNC', 'O_APPEND'),
  weightedSet(2, ['O_RDONLY', 'O_TRUNC']),
  weightedSet(2, ['O_RDONLY', 'O_CREAT']),
  flagSets(1, 'O_RDWR', 'O_DIRECT', 'O_CREAT', 'O_TRUNC'),
  weightedSet(2, ['O_RDWR', 'O_TMPFILE']),
  weightedSet(1, ['O_WRONLY', 'O_TMPFILE', 'O_EXCL']),
  flagSets(1, 'O_PATH', 'O_NOFOLLOW', 'O_DIRECTORY'),
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...ACCESS), fc.constantFrom<OpenFlag>('O_DIRECTORY', 'O_NOATIME'))
      .map((flags): readonly OpenFlag[] => flags),
  },
);

export const statusFlags = weighted<readonly StatusFlag[]>([
  [4, ['O_APPEND']],
  [3, []],
  [1, ['O_NOATIME']],
  [1, ['O_APPEND', 'O_NOATIME']],
]);

function weightedSet(weight: number, flags: readonly OpenFlag[]): OpenFlagChoice {
  return { weight, arbitrary: fc.constant(flags) };
}

interface OpenFlagChoice {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<readonly OpenFlag[]>;
}

/** An access mode and each further flag or not. */
function flagSets(weight: number, access: OpenFlag, ...more: readonly OpenFlag[]): OpenFlagChoice {
  const arbitrary = fc
    .nat((1 << more.length) - 1)
    .map((bits) => [access, ...more.filter((_, index) => (bits & (1 << index)) !== 0)]);
  return { weight, arbitrary };
}
