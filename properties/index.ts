import { lockstep } from './lockstep.ts';
import { mountOptions } from './mount-options.ts';
import type { Property } from './property.ts';

/** Every property, by the name that the command line takes. */
export const PROPERTIES: Readonly<Record<string, Property>> = Object.fromEntries(
  [lockstep, mountOptions].map((property) => [property.name, property]),
);
