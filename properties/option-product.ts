import type { LayerSpec, Scenario } from '../model/scenario.ts';

const UPPER: LayerSpec = { role: 'upper', entries: [] };
const LOWER: LayerSpec = { role: 'lower', entries: [] };

/** Layers of a mount that is made; one without an upper layer needs two lower ones. */
export const ARRANGEMENTS: readonly (readonly LayerSpec[])[] = [
  [LOWER, UPPER],
  [LOWER, LOWER],
];

/** What each option may be; the empty text leaves it out. Kernels without an option refuse it. */
export const CHOICES: readonly (readonly string[])[] = [
  choices('redirect_dir', 'on', 'off', 'follow', 'nofollow'),
  choices('index', 'on', 'off'),
  choices('nfs_export', 'on', 'off'),
  choices('metacopy', 'on', 'off'),
  choices('xino', 'on', 'off', 'auto'),
  choices('uuid', 'on', 'off', 'null', 'auto'),
  choices('verity', 'on', 'off', 'require'),
  ['', 'userxattr'],
  ['', 'volatile', 'fsync=auto', 'fsync=strict', 'fsync=volatile'],
];

function choices(option: string, ...values: readonly string[]): readonly string[] {
  return ['', ...values.map((value) => `${option}=${value}`)];
}

/** How many option strings there are. Mounts with the same layers are so many in a row. */
export const STRINGS = CHOICES.reduce((product, { length }) => product * length, 1);

/** How many mounts there are: every combination of options, with and without an upper layer. */
export const MOUNTS = STRINGS * ARRANGEMENTS.length;

/** Mount number `index`: its digits, in a system of one base for each option, choose the values. */
export function mountAt(index: number): Scenario {
  const layers = ARRANGEMENTS[Math.floor(index / STRINGS)];
  if (layers === undefined) throw new RangeError(`there is no mount ${index}`);
  let rest = index % STRINGS;
  const options: string[] = [];
  for (const values of CHOICES) {
    const option = values[rest % values.length] ?? '';
    rest = Math.floor(rest / values.length);
    if (option !== '') options.push(option);
  }
  return { base: 'tmpfs', layers, options: options.join(','), steps: [] };
}

/** A mount as a person would write it. */
export function describeMount(index: number): string {
  const { layers, options } = mountAt(index);
  const what = layers.some(({ role }) => role === 'upper') ? '' : 'no upper: ';
  return `${what}${options === '' ? 'no options' : options}`;
}

/** The same mount with one option less, for each option that it has. */
export function withOneLess(index: number): readonly number[] {
  const less: number[] = [];
  let unit = 1;
  for (const { length } of CHOICES) {
    const digit = Math.floor((index % STRINGS) / unit) % length;
    if (digit > 0) less.push(index - digit * unit);
    unit *= length;
  }
  return less;
}
