import { MODULE_PARAMETERS } from '../../model/semantics/module-parameters.ts';
import type { ModuleParameters } from '../../model/semantics/module-parameters.ts';
import { HarnessError } from '../errors.ts';

const VALUES: Readonly<Record<string, boolean>> = { on: true, off: false };

/** Reads `--parameters`: names of the overlay module's parameters, each with on or off. */
export function parameters(text: string): ModuleParameters {
  const pairs = text.split(',').map((pair) => {
    const [name = '', value = ''] = pair.split('=');
    const to = VALUES[value];
    if (to === undefined || !(name in MODULE_PARAMETERS)) {
      const names = Object.keys(MODULE_PARAMETERS).join(', ');
      throw new HarnessError('bad-input', `--parameters: ${pair} is not on or off of ${names}`);
    }
    return [name, to] as const;
  });
  return Object.fromEntries(pairs);
}
