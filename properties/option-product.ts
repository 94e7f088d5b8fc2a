import type { LayerSpec, Scenario } from '../model/scenario.ts';

const UPPER: LayerSpec = { role: 'upper', entries: [] };
const LOWER: LayerSpec = { role: 'lower', entries: [] };

/** Layers of a mount that is made; one without an upper layer needs two lower ones. */
const ARRANGEMENTS: readonly (readonly LayerSpec[])[] = [
  [LOWER, UPPER],
  [LOWER, LOWER],
];

/** What each option may be; the empty text leaves it out. Kernels without an option refuse it. */
const DIMENSIONS: readonly (readonly string[])[] = [
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

const STRINGS = DIMENSIONS.reduce((product, { length }) => product * length, 1);

/** How many mounts there are: every combination of options, with and without an upper layer. */
export const MOUNTS = STRINGS * ARRANGEMENTS.length;

/** Mount number `index`: its digits, in a system of one base for each option, choose the values. */
export function mountAt(index: number): Scenario {
  const layers = ARRANGEMENTS[Math.floor(index / STRINGS)];
  if (layers === undefined) throw new RangeError(`there is no mount ${index}`);
  let rest = index % STRINGS;
  const options: string[] = [];
  for (const values of DIMENSIONS) {
    const option = values[rest % values.length] ?? '';
    rest = Math.floor(rest / values.length);
    if (option !== '') options.push(option);
  }
  return { base: 'tmpfs', layers, options: options.join(','), steps: [] };
}
