import { resolveOptions } from '../../model/overlay/params.ts';
import { profileOfRelease } from '../../model/semantics/resolve.ts';
import { USUAL_ENVIRONMENT } from '../../model/semantics/semantics.ts';
import { ANY_BASE, DEFAULT_BASE } from '../../properties/bases.ts';
import { ANY_OPTIONS } from '../../properties/options.ts';
import { pairwiseRows } from '../../properties/option-pairs.ts';
import type { Row } from '../../properties/option-pairs.ts';
import { DEFAULT_OPTIONS } from '../../properties/scenarios.ts';

/** One row of a matrix: the mounts of a small campaign. */
export interface MountKind {
  readonly base: string;
  readonly options: string;
  readonly hasUpper: boolean;
}

/** What most users of a feature mount with, and anything. */
const USUAL_OPTIONS: readonly string[] = [
  DEFAULT_OPTIONS,
  'redirect_dir=on,index=off,metacopy=on,nfs_export=off,xino=off',
  'redirect_dir=on,index=on,metacopy=off,nfs_export=on,xino=on',
  'redirect_dir=nofollow,index=off,metacopy=off,nfs_export=off,xino=off,userxattr',
  ANY_OPTIONS,
];
const MORE_OPTIONS: readonly string[] = [
  'redirect_dir=follow,index=on,metacopy=off,nfs_export=off,xino=auto',
  'redirect_dir=on,index=on,metacopy=on,nfs_export=off,xino=on',
  'redirect_dir=off,index=off,metacopy=off,nfs_export=off,xino=off,volatile',
];

const USUAL_BASES: readonly string[] = [DEFAULT_BASE, 'ext4', ANY_BASE];
const ALL_BASES: readonly string[] = [
  ...[DEFAULT_BASE, 'ext4', 'xfs', 'btrfs'],
  ...['tmpfs,squashfs', 'ext4,erofs', 'xfs,ext4,btrfs', ANY_BASE],
];

/** Every value of each option that has several; the first one leaves it out. */
const PAIRED: readonly Row[] = [
  ['', 'redirect_dir=on', 'redirect_dir=off', 'redirect_dir=follow', 'redirect_dir=nofollow'],
  ['', 'index=on', 'index=off'],
  ['', 'nfs_export=on', 'nfs_export=off'],
  ['', 'metacopy=on', 'metacopy=off'],
  ['', 'xino=on', 'xino=off', 'xino=auto'],
  ['', 'uuid=on', 'uuid=off', 'uuid=null', 'uuid=auto'],
  ['', 'userxattr'],
  ['', 'volatile', 'fsync=strict', 'fsync=auto'],
  ['', 'verity=on', 'verity=require', 'verity=off'],
];
const NO_UPPER = 'no upper';

/** The rows of each suite, by the releases of the kernels that are its columns. */
export const CAMPAIGN_SUITES: Readonly<
  Record<string, (releases: readonly string[]) => readonly MountKind[]>
> = {
  default: () => product(USUAL_BASES, USUAL_OPTIONS),
  full: () => product(ALL_BASES, [...USUAL_OPTIONS, ...MORE_OPTIONS]),
  pairs: pairsFor,
};

export function product(
  bases: readonly string[],
  options: readonly string[],
): readonly MountKind[] {
  return bases.flatMap((base) => options.map((each) => ({ base, options: each, hasUpper: true })));
}

/** Every pair of values that some kernel takes; each kernel has all that it takes itself. */
function pairsFor(releases: readonly string[]): readonly MountKind[] {
  const options = [['', NO_UPPER], ...PAIRED];
  // The newest one first, as it takes most.
  const all = releases.toReversed().reduce<readonly Row[]>((given, release) => {
    const isAllowed = (row: Row): boolean => refusalOf(kindOf(row), release) === null;
    const rows = pairwiseRows(options, isAllowed, given);
    return [...given, ...rows.filter((row) => !given.includes(row))];
  }, []);
  return all.map(kindOf);
}

function kindOf([upper, ...rest]: Row): MountKind {
  const options = rest.filter((value) => value !== '').join(',');
  return { base: DEFAULT_BASE, options, hasUpper: upper !== NO_UPPER };
}

/** The errno with which a kernel refuses such a mount, by its model; null where it takes it. */
export function refusalOf({ options, hasUpper }: MountKind, release: string): string | null {
  if (options === ANY_OPTIONS) return null;
  const semantics = profileOfRelease(release);
  const context = { semantics, environment: USUAL_ENVIRONMENT, rule: () => undefined };
  const resolved = resolveOptions(options, hasUpper, context);
  return resolved.ok ? null : resolved.anyOf.join(' or ');
}

export function kindText({ options, hasUpper }: MountKind): string {
  const text = options === '' ? 'no options' : options;
  return hasUpper ? text : `${text}, ${NO_UPPER}`;
}
