import type { StringPlan } from '../model/mount-plan.ts';
import type { Scenario } from '../model/scenario.ts';

type Params = StringPlan['params'];

function layers(lower: string, upper?: string, work?: string): Params {
  const params: Params = [{ key: 'lowerdir', value: lower }];
  if (upper === undefined || work === undefined) return params;
  return [...params, { key: 'upperdir', value: upper }, { key: 'workdir', value: work }];
}

/** Layers on file systems that can less, or that others are busy with. */
const ARRANGEMENTS: readonly Params[] = [
  layers('@other/l', '@u', '@w'),
  layers('@l0:@other/l'),
  layers('@l0', '@ramfs/u', '@ramfs/w'),
  layers('@ramfs/l', '@ramfs/u', '@ramfs/w'),
  layers('@ramfs/l', '@u', '@w'),
  layers('@l0:@ramfs/l'),
  layers('@ovl/l', '@u', '@w'),
  layers('@l0:@ovl/l'),
];

/** Layers of which a few options say all. */
const ODD_ARRANGEMENTS: readonly Params[] = [
  layers('@l0', '@ovl/u', '@ovl/w'),
  layers('@l0', '@u', '@ovl/w'),
  layers('@ovl2/l', '@u', '@w'),
  layers('@ovl/u:@ovl2/l'),
  layers('@l0', '@ro/u', '@ro/w'),
  layers('@l0', '@shared/u', '@ro/w'),
  layers('@missing', '@ro/u', '@ro/w'),
  layers('@ro', '@u', '@w'),
  ...['w-incompatible', 'w-compatible', 'w-deep', 'w-file'].map((work) =>
    layers('@l0', '@u', `@${work}`),
  ),
  layers('@l0', '@busy/u', '@busy/w'),
  layers('@l0', '@busy/u', '@busy/x'),
  layers('@l0', '@busy/x', '@busy/w'),
  layers('@l0', '@busy/x', '@busy/u'),
  layers('@l0', '@busy/u/in', '@busy/x'),
  layers('@l0', '@busy/w', '@busy/u'),
  layers('@busy/l', '@u', '@w'),
  layers('@busy/u', '@u', '@w'),
  layers('@busy/u/in', '@u', '@w'),
  layers('@busy/w', '@u', '@w'),
  layers('@busy/l:@busy/u'),
  layers('@busy', '@u', '@w'),
];

const CHOICES = [
  ['', 'redirect_dir=on', 'redirect_dir=nofollow'],
  ['', 'index=on', 'index=off'],
  ['', 'nfs_export=on', 'nfs_export=off'],
  ['', 'metacopy=on', 'metacopy=off'],
  ['', 'xino=on', 'xino=off', 'xino=auto'],
  ['', 'uuid=on', 'uuid=off', 'uuid=null', 'uuid=auto'],
] as const;
const FEW_CHOICES = [
  ['', 'index=on', 'index=off'],
  ['', 'nfs_export=on', 'nfs_export=off'],
  ['', 'volatile', 'ro', 'uuid=on'],
] as const;

interface Product {
  readonly arrangements: readonly Params[];
  readonly choices: readonly (readonly string[])[];
}

const PRODUCTS: readonly Product[] = [
  { arrangements: ODD_ARRANGEMENTS, choices: FEW_CHOICES },
  { arrangements: ARRANGEMENTS, choices: CHOICES },
];

function countOf({ arrangements, choices }: Product): number {
  return choices.reduce((product, { length }) => product * length, arrangements.length);
}

/** How many mounts there are of layers on other file systems, and beside other overlays. */
export const BASES = PRODUCTS.reduce((sum, product) => sum + countOf(product), 0);

/** Mount number `index`. */
export function baseAt(index: number): Scenario {
  let rest = index;
  for (const product of PRODUCTS) {
    if (rest < countOf(product)) return mountAt(product, rest);
    rest -= countOf(product);
  }
  throw new RangeError(`there is no mount ${index}`);
}

function mountAt({ arrangements, choices }: Product, index: number): Scenario {
  const params = arrangements[index % arrangements.length];
  if (params === undefined) throw new RangeError(`there is no mount ${index}`);
  let rest = Math.floor(index / arrangements.length);
  const options: string[] = [];
  for (const values of choices) {
    const option = values[rest % values.length] ?? '';
    rest = Math.floor(rest / values.length);
    if (option !== '') options.push(option);
  }
  return { base: 'tmpfs', layers: [], options: options.join(','), steps: [], mount: { params } };
}
