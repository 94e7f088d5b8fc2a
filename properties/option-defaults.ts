import type { Scenario } from '../model/scenario.ts';
import { MODULE_PARAMETERS } from '../model/semantics/module-parameters.ts';
import type { ModuleParameters } from '../model/semantics/module-parameters.ts';
import { ARRANGEMENTS, CHOICES } from './option-product.ts';

const NAMES = Object.keys(MODULE_PARAMETERS);
const BUILDS = 2 ** NAMES.length;
/** Options that have a parameter for a default, and one that changes what that means. */
const OPTIONS = CHOICES.filter(([, value = '']) => {
  return /^(redirect_dir|index|nfs_export|metacopy|xino|userxattr)(=|$)/.test(value);
});
const STRINGS = OPTIONS.reduce((product, { length }) => product * length, 1);

/** How many mounts there are: each string and arrangement, by each build of a kernel. */
export const DEFAULTS = BUILDS * ARRANGEMENTS.length * STRINGS;

/** Mount number `index`. Mounts of one build are so many in a row. */
export function defaultAt(index: number): Scenario {
  const mount = index % (ARRANGEMENTS.length * STRINGS);
  const build = Math.floor(index / (ARRANGEMENTS.length * STRINGS));
  const layers = ARRANGEMENTS[Math.floor(mount / STRINGS)];
  if (layers === undefined || build >= BUILDS) throw new RangeError(`there is no mount ${index}`);
  let rest = mount % STRINGS;
  const options: string[] = [];
  for (const values of OPTIONS) {
    const option = values[rest % values.length] ?? '';
    rest = Math.floor(rest / values.length);
    if (option !== '') options.push(option);
  }
  const parameters: ModuleParameters = Object.fromEntries(
    NAMES.map((name, bit) => [name, (build >> bit) % 2 === 1]),
  );
  return { base: 'tmpfs', layers, options: options.join(','), steps: [], parameters };
}
